// Package health says how a till is: one finding a matter (disk, copies, printers …), good, to look at, or grave.
//
// A finding holds a stable code and values, never words: pages word it in the reader's language, the support bundle and
// the metrics repeat the code. Nothing in it names a customer, an operator, a product or a code of a card. Whoever knows a
// matter hands in a Source; a source answers at once from what is known already, for a person waits for the page.
package health

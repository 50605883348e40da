// Package rehearsal is what a virtual terminal is told to do: one case a charge out of a script, the last one again and again,
// or a case by the amount. A case is a word that the terminal's own package explains.
package rehearsal

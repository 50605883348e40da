// Package authority vouches for the till on the café's own network: tablets reach the staff's pages over HTTPS, which cameras
// and other secure contexts ask for, without internet and without buying a name.
//
// # Invariants
//
//   - Its root is name-constrained, and critically so: it can vouch for names under .local and for private addresses, and for
//     nothing else. Whoever steals its key cannot impersonate a bank to the tablets that trust it.
//   - The root's key lies in a file of mode 0600 and never leaves it; that of the certificate in use is never written at all.
//   - A certificate lasts for 90 days, less than the 397 that browsers accept, and another is made well before its end, at
//     every start and when the machine has got another address. Nobody has to remember it.
//   - Nothing but Open makes a root, and only where there is none, where a power cut left an empty file, or where it has ended.
//     Damaged files are refused and left as they are: the tablets' trust hangs on them.
//
// It must not know what is served.
package authority

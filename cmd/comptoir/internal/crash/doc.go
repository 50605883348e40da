// Package crash lets cafés fall, and looks at what is left. A made café sells, refunds, gives, serves, claims, puts aside,
// moves cash and closes its days, several hands at once; then its process is killed, its power is cut, its file system is
// shut down or its disk fails; then it is opened as the next start would open it, and audited.
//
// The audit is one for all falls: every command that was acknowledged is there, once, and answers what it answered; one that
// was refused is not there; one whose outcome nobody knows is there whole or not at all; every invariant of doctor holds, the
// journal verifies with its head file, and the café sells on.
//
// It is test code, kept outside _test files because `comptoir bench crash` runs it for as long as one likes. It never opens a
// café that it has not founded itself in a temporary directory. It alone may plant the weaknesses of package data, in cafés of
// this kind only, to show that the audit would see them.
package crash

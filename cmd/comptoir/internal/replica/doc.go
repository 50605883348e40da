// Package replica keeps a copy of the open café in a second place: a folder such as a memory stick, a machine reached
// over SFTP, or a store that speaks S3. The copy is at most about a second old, and what a till answers may be made to
// wait for it.
//
// The files are Litestream's (LTX: the pages that changed, then what they are merged into, then the whole database) and so
// are the code that merges them and the code that makes a database of them again. What is not Litestream's is how changes
// are found: data.Follower tells them. Litestream itself holds the log with a read transaction of its own, checkpoints it
// from a second writing connection and keeps two tables; here the writer stays the only one that writes or checkpoints.
//
// Nothing is ever written over what is another café's, or a newer machine's. A place that cannot be used is said so in
// State, and tried again; selling does not wait for it, or, when answers wait for the second place, no longer than
// waitLimit, once.
//
// It knows pages, not what is in them.
package replica

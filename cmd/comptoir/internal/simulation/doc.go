// Package simulation lets a made café live some years in a few minutes: every sale, stamp, gift, serving and closing goes
// through the use cases of pos, on a database of its own in a temporary directory, by a clock that is moved by hand. Who
// comes, when and for what is drawn from a seed; nothing else is made up. The same plan gives the same result to the byte.
//
// It shows where the dial goes when a café is as open-handed as its founders were, and which lever brings it back. It is
// no forecast of a real café, and it never opens one: the directory is new and is removed at the end. Its disk skips the
// syncs, which is why nothing else may use it.
package simulation

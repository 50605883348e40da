// Package faultvfs is a disk that misbehaves on request: a wrapper over SQLite's own file layer
// that delays syncs, makes syncs and writes fail, counts both, and records every change so that
// the files can be rebuilt as a power cut at any moment could leave them.
//
// It is test code, kept outside _test files because `comptoir bench` slows the disk down with it.
// No service opens its database through it unless asked by name.
//
// One [FS] is one named VFS: open a database with `file:…?vfs=NAME`. Use one FS for one database:
// its faults and counters cover every file opened through it, and changes made through it happen
// one at a time, so that the record has the order the disk saw.
//
// What the simulation holds true: a sync that succeeded put every earlier change of that file on
// the disk; a sync that failed never did and never will (Linux marks the pages clean: they can be
// read until the power goes, and no later sync writes them); any sector of 512 bytes changed since
// then is on the disk in one of the versions it went through, chosen at random and apart from its
// neighbours. The reads of a running program always see everything, as in a page cache.
//
// What it must not know: anything of the café. It sees files, offsets and numbers of its caller.
package faultvfs

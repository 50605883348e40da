// Package recovery finds, keeps and opens what a café is restored from: files of backups on a folder or a stick, the heads that
// lie beside them, and the café's keys, sealed with a code that a person keeps on paper.
//
// It reads databases and changes none. It knows no till: whoever restores one puts the file in its place.
package recovery

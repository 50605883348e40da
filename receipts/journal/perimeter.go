package journal

import (
	_ "embed" // the versions of the fiscal core
	"strings"
)

// perimeter lists the versions of the fiscal core with the hash of its sources: see PERIMETER.
//
//go:embed PERIMETER
var perimeter string

// SourceHash returns the SHA-256, in hexadecimal, of the sources of a version of the fiscal core: this package and the
// packages of this module that it needs (fiscal R2, R3). It is "" for a version that this program does not know. The
// sources of an older version are named as they were, so that a document always shows the core that wrote it.
func SourceHash(version string) string {
	for line := range strings.Lines(perimeter) {
		if v, hash, ok := strings.Cut(strings.TrimSpace(line), " "); ok && v == version {
			return hash
		}
	}
	return ""
}

package replica

import "time"

// Impatient has a machine given up after d without a byte.
func Impatient(p Place, d time.Duration) { p.(*remote).stall = d }

// Stuck reports whether a call in a folder was left and has not come back.
func Stuck(folder string) bool {
	stuck.Lock()
	defer stuck.Unlock()
	return stuck.calls[folder] > 0
}

// Placed gives an error of a place its code.
func Placed(err error) error { return placed(err) }

package replica

// Stuck reports whether a call in a folder was left and has not come back.
func Stuck(folder string) bool {
	stuck.Lock()
	defer stuck.Unlock()
	return stuck.calls[folder] > 0
}

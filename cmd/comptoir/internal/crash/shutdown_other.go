//go:build !linux

package crash

import "context"

// Shutdowns shuts a file system down under a café: on Linux only. Here the tally says so and counts nothing.
func Shutdowns(context.Context, Plan) (Tally, error) {
	return Tally{How: "shutdown", Skipped: "a file system can be shut down on Linux only"}, nil
}

package device

import (
	"testing"

	"go.uber.org/goleak"
)

// No test may leave a goroutine behind: a worker's, the reader's of a line, or a terminal's that nobody hangs up on.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

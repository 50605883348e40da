package crash

import (
	"flag"
	"os"
	"strings"
	"testing"
	"time"
)

var seedFlag = flag.Uint64("seed", 0, "seed of the falls; 0: another each time, printed")

// seed is where chance begins; the log names it.
func seed(t *testing.T) uint64 {
	t.Helper()
	s := *seedFlag
	if s == 0 {
		s = uint64(time.Now().UnixNano())
	}
	t.Logf("repeat with: go test ./cmd/comptoir/internal/crash -run '%s' -seed %d", t.Name(), s)
	return s
}

// inCI is how many of something: the first number under CI, the second on a laptop.
func inCI(ci, laptop int) int {
	if os.Getenv("CI") == "true" {
		return ci
	}
	return laptop
}

func sound(t *testing.T, tally Tally, err error, falls int) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d falls, %d acknowledged, %d refused, %d carried out unanswered, worst restart %s, in %s", tally.Falls, tally.Acknowledged,
		tally.Refused, tally.Unanswered, tally.WorstRestart.Round(time.Millisecond), tally.Took.Round(time.Millisecond))
	if tally.Wrong() {
		t.Errorf("lost %d, doubled %d, broken %d:\n%s", tally.Lost, tally.Doubled, tally.Broken, strings.Join(tally.Words, "\n"))
	}
	if tally.Falls < falls || tally.Acknowledged == 0 {
		t.Errorf("%d falls with %d acknowledged commands; want %d falls", tally.Falls, tally.Acknowledged, falls)
	}
}

func TestAPowerCutAtAnyMomentLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	n := inCI(200, 40)
	tally, err := Cuts(t.Context(), Plan{Seed: seed(t), Falls: n, Dir: t.TempDir()})
	sound(t, tally, err, n)
}

// The harness has to be able to see. Each bug is planted in a café, and the same audit must find it.
func TestTheAuditFindsEveryPlantedBug(t *testing.T) {
	t.Parallel()
	all, err := Plants(t.Context(), Plan{Seed: seed(t), Falls: 400, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != len(bugs())+1 {
		t.Errorf("%d bugs were planted", len(all))
	}
	for _, p := range all {
		t.Logf("%s: cut %d: %s", p.Bug, p.Cuts, p.As)
		if !p.Found {
			t.Errorf("%s: %d cuts did not find it", p.Bug, p.Cuts)
		}
	}
}

func TestADiskThatFailsAtAnyCallLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	tally, err := Faults(t.Context(), Plan{Seed: seed(t), Falls: 10_000, Dir: t.TempDir()}, inCI(40, 120))
	sound(t, tally, err, inCI(40, 20))
}

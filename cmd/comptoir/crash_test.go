package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"comptoir/cmd/comptoir/internal/crash"
)

// The real program is killed while four hands sell, refund, serve, claim and close over HTTP; it is started again, and every
// command that was answered is there once.
func TestAServiceThatIsKilledLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("comptoir") // this test binary under the program's name: see TestMain
	if err != nil {
		t.Fatal(err)
	}
	falls := 4
	if os.Getenv("CI") == "true" {
		falls = 10
	}
	killed(t, crash.Plan{Falls: falls, Program: []string{program}})
}

// While it is killed again and again it keeps a copy in a second place: what the copy has after each kill is an earlier state
// of the café, whole, and with everything that was answered where answers wait for the second place.
func TestTheCopyOfAServiceThatIsKilledIsAnEarlierState(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("comptoir")
	if err != nil {
		t.Fatal(err)
	}
	falls := 3
	if os.Getenv("CI") == "true" {
		falls = 14 // ten without waiting
	}
	tally := killed(t, crash.Plan{Falls: falls, Program: []string{program}, Copy: t.TempDir()})
	fetched := 0
	for _, c := range tally.Copies {
		missing, behind := c.Worst()
		t.Logf("answers wait: %t: fetched %d, none yet %d, late %d; of %d acknowledged it lacked at most %d, answered %s before", c.Wait, c.Fetched, c.None, c.Late, c.Owed, missing, behind)
		fetched += c.Fetched
	}
	if fetched == 0 {
		t.Error("no copy was looked at")
	}
}

// killed kills as planned, and reports what is wrong.
func killed(t *testing.T, plan crash.Plan) crash.Tally {
	t.Helper()
	plan.Seed, plan.Dir = uint64(time.Now().UnixNano()), shortDir(t)
	falls := plan.Falls
	t.Logf("repeat with: comptoir bench crash --how kill -n %d --seed %d", falls, plan.Seed)
	tally, err := crash.Kills(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d kills, %d acknowledged, %d carried out unanswered, worst restart %s, in %s", tally.Falls, tally.Acknowledged, tally.Unanswered, tally.WorstRestart, tally.Took)
	if tally.Wrong() || tally.Falls != falls || tally.Acknowledged == 0 {
		t.Errorf("lost %d, doubled %d, broken %d of %d acknowledged in %d falls:\n%s", tally.Lost, tally.Doubled, tally.Broken, tally.Acknowledged, tally.Falls,
			strings.Join(tally.Words, "\n"))
	}
	return tally
}

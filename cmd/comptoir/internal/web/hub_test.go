package web

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/pos"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// fasthttp keeps one goroutine for the Date header of all its servers, for ever
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		// the sweeper of a stopped server sleeps out its ten seconds before it looks whether it was stopped
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
	)
}

func everything(string) bool { return true }

func committed(seq int64, topics ...string) []data.Event {
	return []data.Event{{Seq: seq, Topics: topics}}
}

func TestScreensHearWhatTheyAskedForInOrder(t *testing.T) {
	t.Parallel()
	h := newHub()
	s, err := h.subscribe("", func(topic string) bool { return topic == "menu" || topic == "ticket:7" })
	if err != nil {
		t.Fatal(err)
	}
	h.publish(committed(4, "tickets", "ticket:7"))
	h.publish(committed(5, "menu"))
	h.publish(committed(6, "ticket:8"))
	h.close()
	var got []hint
	for n := range s.hints {
		got = append(got, n)
	}
	if want := []hint{{"ticket:7", 4}, {"menu", 5}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAScreenThatDoesNotReadIsClosedAndHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	h := newHub()
	slow, err := h.subscribe("", everything)
	if err != nil {
		t.Fatal(err)
	}
	for seq := range int64(streamBuffer + 1) {
		h.publish(committed(seq+1, "menu"))
	}
	n := 0
	for range slow.hints {
		n++
	}
	if n != streamBuffer {
		t.Errorf("the slow screen got %d hints before it was closed, want %d", n, streamBuffer)
	}
	if len(h.subscribers) != 0 {
		t.Errorf("%d screens are left", len(h.subscribers))
	}
	h.unsubscribe(slow) // as its stream does when it ends
}

func TestStreamsAreLimitedAndEndWithTheTill(t *testing.T) {
	t.Parallel()
	h := newHub()
	for range maxStreams {
		if _, err := h.subscribe("", everything); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.subscribe("", everything); fault.CodeOf(err) != "streams.full" {
		t.Errorf("stream %d: %v, want streams.full", maxStreams+1, err)
	}
	h.close()
	if _, err := h.subscribe("", everything); fault.KindOf(err) != fault.Busy {
		t.Errorf("after the close: %v, want Busy", err)
	}
}

func TestTopicsFollowRights(t *testing.T) {
	t.Parallel()
	const nobody = pos.Role("")
	for _, c := range []struct {
		topic string
		may   []pos.Role
	}{
		{"menu", anyone()}, {"shelf", anyone()}, {"sales", anyone()}, {"shift", anyone()}, {"kitchen", counter()},
		{"tickets", counter()}, {"ticket:7", counter()}, {"card:123456789", counter()},
		{"ticket:", nil}, {"staff", nil}, {"", nil}, {"board", nil}, {"menu:x", nil},
	} {
		for _, role := range []pos.Role{nobody, pos.RoleBarista, pos.RoleManager, pos.RoleAccountant} {
			if got, want := mayListen(role, c.topic), slices.Contains(c.may, role); got != want {
				t.Errorf("%q may listen to %q: %v, want %v", role, c.topic, got, want)
			}
		}
	}
}

func sameDay() (hint, bool) { return hint{}, false }

// What was sold out until today is back on every screen, though nobody wrote anything.
func TestANewBusinessDayIsAHintOnTheMenu(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	turned, deaf := c.web.dayTurned(true), c.web.dayTurned(false)
	if _, is := turned(); is {
		t.Error("a new day at once")
	}
	c.clock.Advance(24 * time.Hour)
	if n, is := turned(); !is || n.Topic != topicMenu || n.Version == 0 {
		t.Errorf("the next day: %v, %v", n, is)
	}
	if _, is := turned(); is {
		t.Error("told twice")
	}
	if _, is := deaf(); is {
		t.Error("told to a screen that did not ask for the menu")
	}
}

func TestAStreamStartsWithItsRetryAndBeatsEveryTenSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		hints := make(chan hint)
		ended := make(chan error)
		go func() { ended <- follow(bufio.NewWriter(&out), hints, sameDay) }()
		time.Sleep(2*heartbeatInterval + time.Second) // in the bubble's time: it takes none
		hints <- hint{"menu", 12}
		close(hints)
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		const want = "retry: 2000\n\n: alive\n\n: alive\n\ndata: {\"topic\":\"menu\",\"version\":12}\n\n"
		if out.String() != want {
			t.Errorf("got %q, want %q", out.String(), want)
		}
	})
}

func TestAStreamWhoseReaderHasLeftEndsWithTheNextBeat(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		began := time.Now()
		ended := make(chan error)
		go func() { ended <- follow(bufio.NewWriter(w), make(chan hint), sameDay) }()
		first := make([]byte, 64)
		n, err := r.Read(first)
		if err != nil || !strings.HasPrefix(string(first[:n]), "retry:") {
			t.Fatalf("first bytes %q, %v", first[:n], err)
		}
		_ = r.Close()
		if err := <-ended; !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("ended with %v", err)
		}
		if took := time.Since(began); took != heartbeatInterval {
			t.Errorf("noticed after %v, want %v", took, heartbeatInterval)
		}
	})
}

func TestOneSessionTakesTheStreamsOfNoOther(t *testing.T) {
	t.Parallel()
	h := newHub()
	mine, err := h.subscribe("another till", everything)
	if err != nil {
		t.Fatal(err)
	}
	var all []*subscriber
	for range 3 * maxStreams {
		s, err := h.subscribe("one session", everything)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	h.publish(committed(1, "menu"))
	if got := <-mine.hints; got.Topic != "menu" {
		t.Errorf("the other till heard %v", got)
	}
	if len(h.subscribers) != 1+maxOfOne {
		t.Errorf("%d screens listen, want %d", len(h.subscribers), 1+maxOfOne)
	}
	if _, open := <-all[0].hints; open {
		t.Error("its oldest screen still listens")
	}
	if got := <-all[len(all)-1].hints; got.Topic != "menu" {
		t.Errorf("its newest screen heard %v", got)
	}
	h.close()
}

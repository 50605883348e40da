package escpos

import (
	"context"
	"encoding/hex"
	"io"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// served is a printer on a port of its own until the test ends.
func served(t *testing.T, p Profile) (*Printer, string) {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	v := NewPrinter(p, true)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, l, v) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("serve: %v", err)
		}
		goleak.VerifyNone(t, goleak.IgnoreTopFunction("testing.tRunner.func1"), goleak.IgnoreTopFunction("testing.(*T).Run"), goleak.IgnoreTopFunction("testing.(*T).Parallel"))
	})
	return v, l.Addr().String()
}

func dial(t *testing.T, address string) *net.TCPConn {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn.(*net.TCPConn)
}

func send(t *testing.T, conn net.Conn, b []byte) {
	t.Helper()
	if _, err := conn.Write(b); err != nil {
		t.Fatal(err)
	}
}

// read reads so many bytes of answers.
func read(t *testing.T, conn net.Conn, n int) string {
	t.Helper()
	b := make([]byte, n)
	if _, err := io.ReadFull(conn, b); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(b)
}

func job(tb testing.TB, p Profile, text string) []byte {
	tb.Helper()
	e := New(p)
	e.Text(text)
	b, err := e.Bytes()
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func TestAJobOverTheNetwork(t *testing.T) {
	p := Profiles()[0]
	v, address := served(t, p)
	conn := dial(t, address)
	send(t, conn, []byte{dle, 4, 2, dle, 4, 4})
	if got := read(t, conn, 2); got != "1212" {
		t.Errorf("state %s", got)
	}
	send(t, conn, append(job(t, p, "un"), gs, 'r', 1))
	if got := read(t, conn, 1); got != "00" {
		t.Errorf("end %s", got)
	}
	send(t, conn, []byte{gs, 'r', 1}) // its answer comes after our end
	if err := conn.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(conn)
	if err != nil || len(rest) != 1 {
		t.Errorf("after our end: % x, %v; want the last answer, then the end", rest, err)
	}
	if papers := v.Papers(); len(papers) != 1 || papers[0].Text != "un\n" {
		t.Errorf("%+v", papers)
	}
}

func TestOneConnectionAtATime(t *testing.T) {
	p := Profiles()[0]
	v, address := served(t, p)
	first, second := dial(t, address), dial(t, address)
	send(t, first, []byte{dle, 4, 1})
	read(t, first, 1)
	send(t, second, append(job(t, p, "deux"), gs, 'r', 1))
	send(t, first, append(job(t, p, "un"), gs, 'r', 1))
	read(t, first, 1)
	if papers := v.Papers(); len(papers) != 1 || papers[0].Text != "un\n" {
		t.Errorf("the second job did not wait: %+v", papers)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	read(t, second, 1)
	if papers := v.Papers(); len(papers) != 2 || papers[1].Text != "deux\n" {
		t.Errorf("%+v", papers)
	}
}

func TestAConnectionThatBreaksIsSurvived(t *testing.T) {
	p := Profiles()[0]
	v, address := served(t, p)
	conn := dial(t, address)
	b := job(t, p, "un")
	send(t, conn, append(b[:len(b)-4:len(b)-4], dle, 4, 1, gs, 'V')) // and then half a cut
	read(t, conn, 1)
	if err := conn.SetLinger(0); err != nil { // RST, not FIN
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	next := dial(t, address)
	send(t, next, append(job(t, p, "deux"), gs, 'r', 1))
	read(t, next, 1)
	if papers := v.Papers(); len(papers) != 1 || papers[0].Text != "un\ndeux\n" {
		t.Errorf("what the cut should have parted: %+v", papers)
	}
	if errs := v.Errors(); len(errs) == 0 {
		t.Error("an unfinished command is no error")
	}
}

func TestTheStateIsToldWhenItChanges(t *testing.T) {
	v, address := served(t, Profiles()[0])
	conn := dial(t, address)
	send(t, conn, []byte{gs, 'a', 0xff})
	if got := read(t, conn, 4); got != "1400000f" {
		t.Errorf("at once: %s", got)
	}
	v.Set(State{CoverOpen: true})
	if got := read(t, conn, 4); got != "3c00000f" {
		t.Errorf("cover open: %s", got)
	}
	v.Set(State{PaperOut: true})
	if got := read(t, conn, 4); got != "1c000f0f" {
		t.Errorf("paper out: %s", got)
	}
	v.Set(State{})
	if got := read(t, conn, 4); got != "1400000f" {
		t.Errorf("all well: %s", got)
	}
}

func TestThePrinterEndsWhileSomebodyIsConnected(t *testing.T) {
	_, address := served(t, Profiles()[0])
	conn := dial(t, address)
	send(t, conn, []byte{dle, 4, 1})
	read(t, conn, 1) // served, and left open: the clean-up stops the printer
}

// TestASecondWireWaitsForTheFirst: one that has just been closed must not take the answers of the next, nor throw its bytes away.
func TestASecondWireWaitsForTheFirst(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	p := Profiles()[0]
	v := NewPrinter(p, true)
	var wires sync.WaitGroup
	for i := range 50 {
		near, far := net.Pipe()
		wires.Go(func() { _ = v.Talk(far) })
		send(t, near, []byte{dle, 4, 2})
		read(t, near, 1)
		send(t, near, append(job(t, p, strconv.Itoa(i)), gs, 'r', 1))
		read(t, near, 1)
		if err := near.Close(); err != nil { // and the next one begins before the printer has noticed
			t.Fatal(err)
		}
	}
	wires.Wait()
	if papers := v.Papers(); len(papers) != 50 || papers[49].Text != "49\n" || len(v.Errors()) > 0 {
		t.Errorf("%d papers, %v", len(papers), v.Errors())
	}
}

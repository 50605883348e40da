package device

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"comptoir/cmd/comptoir/internal/device/wire"
	"comptoir/receipts/escpos"
	"comptoir/receipts/spool"
)

func TestAPrinterOnASerialLinePrintsAndAnswers(t *testing.T) {
	t.Parallel()
	till, far, pull := lines(t)
	line, err := wire.OpenSerial(far, defaultBaud)
	if err != nil {
		t.Fatal(err)
	}
	v := escpos.NewPrinter(usual(), true)
	ended := make(chan struct{})
	go func() { defer close(ended); _ = v.Talk(line) }()
	r := newRig(t, Printer{Name: "bar", URI: "serial://" + till + "?baud=9600", Profile: usual()}).start()
	for range 2 {
		r.await(r.add("bar", "document", order(20)...), spool.Printed)
	}
	if got := texts(v); len(got) != 2 || got[0] != got[1] || !strings.HasSuffix(got[0], "20 x Café crème, sans sucre, avec du lait") {
		t.Errorf("papers: %q", got)
	}
	for _, err := range v.Errors() {
		t.Errorf("strict printer: %v", err)
	}
	pull() // the line is gone, with nothing being sent
	<-ended
	_ = line.Close()
	id := r.add("bar", "document", "Café")
	r.held(id, CodeUnreachable)
	if s := r.state("bar"); !s.Blocked || s.Waiting != 1 {
		t.Errorf("state: %+v", s)
	}
}

// A line that is pulled out with a job on it: nobody knows how far it came.
func TestASerialLineThatIsPulledOutInAJobLeavesItUnknown(t *testing.T) {
	t.Parallel()
	till, far, pull := lines(t)
	line, err := wire.OpenSerial(far, defaultBaud)
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, Printer{Name: "bar", URI: "serial://" + till, Profile: usual()}).start()
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		for range 2 {
			if _, err := io.ReadFull(line, make([]byte, 3)); err != nil {
				return
			}
			_, _ = line.Write([]byte{0x12})
		}
		_, _ = io.ReadFull(line, make([]byte, 300))
		pull()
	}()
	id := r.add("bar", "document", order(70)...)
	if j := r.await(id, spool.Unknown); j.Tries != 1 {
		t.Errorf("job: %+v", j)
	}
	<-gone
	_ = line.Close()
}

// A pipe stands in for a printer that may only be written.
func TestAPrinterOnUSBThatMayOnlyBeWrittenGetsItAll(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lp0")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	p := Printer{Name: "bar", URI: "usb://" + path, Profile: usual()}
	p.Profile.Status = false
	r := newRig(t, p).start()
	early := r.add("bar", "document", "nobody is there yet")
	r.held(early, CodeUnreachable)
	reader, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	r.clock.await(t, 1, shortestPause, shortestPause)
	r.clock.Advance(shortestPause)
	r.await(early, spool.SentUnconfirmed)
	long := r.add("bar", "document", order(70)...)
	r.await(long, spool.SentUnconfirmed)
	v := escpos.NewPrinter(usual(), true)
	got := make([]byte, 64<<10)
	for n, err := reader.Read(got); n > 0 && err == nil; n, err = reader.Read(got) {
		_, _ = v.Write(got[:n])
	}
	if out := texts(v); len(out) != 2 || out[0] != "nobody is there yet" || strings.Count(out[1], "\n") != 69 {
		t.Errorf("papers: %q", out)
	}
	for _, err := range v.Errors() {
		t.Errorf("strict printer: %v", err)
	}
}

// A path that is no device costs no file.
func TestAFileIsNoPrinter(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "till.db")
	if err := os.WriteFile(path, []byte("all that was sold"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := newRig(t, Printer{Name: "bar", URI: "usb://" + path, Profile: usual()}).start()
	r.held(r.add("bar", "document", "Café"), CodeURI)
	if kept, err := os.ReadFile(path); err != nil || string(kept) != "all that was sold" {
		t.Errorf("the file holds %q, %v", kept, err)
	}
}

func TestTheSystemsQueueIsHandedTheBytesAsTheyAre(t *testing.T) {
	dir := t.TempDir()
	lp := "#!/bin/sh\necho \"$@\" >\"" + dir + "/flags\"\n[ -e \"" + dir + "/down\" ] && exit 1\ncat >\"" + dir + "/bytes\"\n"
	if err := os.WriteFile(filepath.Join(dir, "lp"), []byte(lp), 0o700); err != nil {
		t.Fatal(err)
	}
	down := filepath.Join(dir, "down")
	if err := os.WriteFile(down, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	r := newRig(t, Printer{Name: "bar", URI: "cups://ticket", Profile: usual()}).start()
	id := r.add("bar", "document", "Café crème")
	r.held(id, CodeUnreachable) // the queue refuses it
	if err := os.Remove(down); err != nil {
		t.Fatal(err)
	}
	r.clock.await(t, 1, shortestPause, shortestPause)
	r.clock.Advance(shortestPause)
	if j := r.await(id, spool.SentUnconfirmed); j.Reason != CodeUnverified {
		t.Errorf("job: %+v", j)
	}
	flags, err := os.ReadFile(filepath.Join(dir, "flags"))
	if err != nil || string(flags) != "-s -d ticket -o raw\n" {
		t.Errorf("lp %q, %v", flags, err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "bytes"))
	want, wrong := paperOf(t.Context(), r.job(id), usual())
	if err != nil || wrong != nil || !bytes.Equal(got, want) {
		t.Errorf("bytes: % x, %v; want % x, %v", got, err, want, wrong)
	}
}

func TestAMachineWithoutAQueueSaysSo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	r := newRig(t, Printer{Name: "bar", URI: "cups://ticket", Profile: usual()}).start()
	r.held(r.add("bar", "document", "Café"), CodeUnreachable)
}

package device

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"comptoir/cmd/comptoir/internal/device/wire"
)

func epson() PoleSetup {
	return PoleSetup{Name: "Comptoir", Till: "1", URI: "serial:///dev/ttyUSB9", Protocol: PoleEPSON, Page: 16, Charmap: "windows-1252"}
}

// TestAPoleShowsTwoRowsOfTwenty: letters of French in the page, amounts whole, and no command in a name.
func TestAPoleShowsTwoRowsOfTwenty(t *testing.T) {
	t.Parallel()
	rows := [2]string{PoleRow("Crème brûlée à la vanille", "6,50\u00a0€"), "\x0c\x1b@Œuf\x1f"}
	const start = "\x1b@\x1bR\x00\x1bt\x10"
	if got, want := string(epson().bytes(rows)), start+"\x1f\x01\x0c"+"Cr\xe8me br\xfbl\xe9e  6,50 \x80"+" @\x8cuf               "; got != want {
		t.Errorf("Epson:\n%q\n%q", got, want)
	}
	other := epson()
	other.Protocol, other.Page, other.Charmap = PoleCD5220, 19, "cp858"
	if got, want := string(other.bytes(rows)), "\x1b@\x1bR\x00\x1bt\x13\x1bQACr\x8ame br\x96l\x82e  6,50 \xd5\r\x1bQB @OEuf              \r"; got != want {
		t.Errorf("CD5220:\n%q\n%q", got, want)
	}
	for _, x := range [][3]string{
		{"Expresso", "2,00 €", "Expresso      2,00 €"}, {"", "2,00 €", "              2,00 €"}, {"Merci", "", "Merci               "},
		{"Un nom qui ne finit pas", "12 345,00 €", "Un nom q 12 345,00 €"}, {"Nom", "99 999 999 999 999,00 €", "99 999 999 999 999,00 €"},
	} {
		if got := PoleRow(x[0], x[1]); got != x[2] {
			t.Errorf("%q %q: got %q, want %q", x[0], x[1], got, x[2])
		}
	}
}

func TestAPoleThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	for field, change := range map[string]func(*PoleSetup){
		"uri": func(s *PoleSetup) { s.URI = "tcp://pole:9100" }, "protocol": func(s *PoleSetup) { s.Protocol = "star" },
		"page": func(s *PoleSetup) { s.Page = 256 }, "charmap": func(s *PoleSetup) { s.Charmap = "utf-8" },
	} {
		s := epson()
		change(&s)
		if err := s.Check(); err == nil || !strings.Contains(err.Error(), "pole.invalid") {
			t.Errorf("%s: %v", field, err)
		}
	}
	if err := epson().Check(); err != nil {
		t.Error(err)
	}
}

// reader gathers what comes over a line until the test ends.
func reader(t *testing.T, path string) (until func(what string)) {
	t.Helper()
	port, err := wire.OpenSerial(path, 9600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = port.Close() })
	var came bytes.Buffer
	return func(what string) {
		t.Helper()
		buf := make([]byte, 256)
		for !strings.Contains(came.String(), what) {
			n, err := port.Read(buf)
			came.Write(buf[:n])
			if err != nil {
				t.Fatalf("the line ended before %q: %v, after %q", what, err, came.String())
			}
		}
		came.Reset()
	}
}

// TestAPoleFollowsItsTillOverALine: it shows its own till and no other, the newest words only, and what was shown when it
// was away comes as soon as somebody is before it again. Nobody waits for it.
func TestAPoleFollowsItsTillOverALine(t *testing.T) {
	t.Parallel()
	till, far, pull := lines(t)
	d := New(Config{})
	s := epson()
	s.URI = "serial://" + till
	d.Show("1", "before the pole", "was set up")
	if err := d.Use(Setup{Poles: []PoleSetup{s}}); err != nil {
		t.Fatal(err)
	}
	until := reader(t, far)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	ps := d.poles.run(ctx, d.clock, d.log)
	go func() { <-ctx.Done(); ps(); close(ended) }()
	t.Cleanup(func() { cancel(); <-ended })
	until("before the pole     was set up          ")
	d.Show("2", "of another till", "")
	d.Show("1", PoleRow("Expresso", "2,00 €"), PoleRow("Total", "2,00 €"))
	until("Expresso      2,00 \x80Total         2,00 \x80")

	pull() // the cable
	for i := range 200 {
		began := time.Now()
		d.Show("1", PoleRow("Tap", ""), PoleRow(strings.Repeat("x", i%PoleColumns), ""))
		if time.Since(began) > time.Second {
			t.Fatal("a till waited for a pole that is away")
		}
	}
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for d.Poles()["Comptoir"].Code != "pole.unreachable" {
		d.Show("1", time.Now().String()[:20], "")
		<-look.C
	}
	if err := d.Use(Setup{}); err != nil {
		t.Fatal(err)
	}
	if len(d.Poles()) != 0 {
		t.Errorf("poles: %v", d.Poles())
	}
}

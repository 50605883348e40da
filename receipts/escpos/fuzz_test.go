package escpos

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzPrinter sends bytes in one piece and in two ways of small ones: the same paper each time, whatever they are, and never more than
// the limits allow.
func FuzzPrinter(f *testing.F) {
	for i, p := range Profiles() {
		for _, write := range []func(*Encoder){
			func(e *Encoder) { e.Row("Café", "7 €") }, func(e *Encoder) { e.QRNative("A") }, func(e *Encoder) { e.Image(disc(8)) },
			func(e *Encoder) { e.Size(2, 2); e.Center("é") }, func(e *Encoder) { e.Feed(2); e.Drawer(); e.Bold(true) },
		} {
			e := New(p)
			write(e)
			b, err := e.Bytes()
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b[:min(len(b), 120)], uint8(7), uint8(i<<4)) // short: a long one is not worth shortening
		}
	}
	for _, question := range []string{"100401100402", "1d61ff1d72011d49421d4943", "1d284806003030313233341001", "1d763000ffffffff00", "101010100404", "1d57000041421b24ff7f43", "1b33000a0a0a"} {
		b, err := hex.DecodeString(question)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, uint8(1), uint8(strings.Count(question, "0")))
	}
	f.Fuzz(func(t *testing.T, b []byte, piece, state uint8) {
		p := Profiles()[int(state>>4)%len(Profiles())]
		s := State{PaperOut: state&1 != 0, PaperLow: state&2 != 0, CoverOpen: state&4 != 0, Mute: state&8 != 0}
		whole := told(t, p, s, b, func(left int) int { return left })
		if got := told(t, p, s, b, func(int) int { return int(piece) }); got != whole {
			t.Fatalf("in pieces of %d: %.500s\nwhole: %.500s", piece, got, whole)
		}
		if got := told(t, p, s, b, func(left int) int { return left % 5 }); got != whole {
			t.Fatalf("in uneven pieces: %.500s\nwhole: %.500s", got, whole)
		}
		v := NewPrinter(p, false)
		v.Set(s)
		_, _ = v.Write(b)
		v.Set(State{})
		bounded(t, v)
	})
}

func bounded(t *testing.T, v *Printer) {
	t.Helper()
	papers := v.Papers()
	if len(papers) > keptMost+1 || len(v.Events()) > eventsMax || len(v.Errors()) > errorsMax+1 || len(v.Answers()) > answerMax {
		t.Fatalf("%d papers, %d events, %d errors", len(papers), len(v.Events()), len(v.Errors()))
	}
	for _, p := range papers {
		if p.height > rowsMax || len(p.Events) > eventsMax {
			t.Fatalf("a paper of %d rows and %d events", p.height, len(p.Events))
		}
	}
}

// FuzzEncoder writes any text by every method: it is refused, or prints on a strict printer without an error and without a command of its own.
func FuzzEncoder(f *testing.F) {
	for _, text := range []string{"Café crème\x1b@", "7,00\u202f€", "Œ’“”–…", "\x10\x14\x01\x00\x01", "日本❤️", address, strings.Repeat("œ ", 24), "e\u0301\u0301"} {
		for i := range Profiles() {
			f.Add(text, text, uint8(i), uint8(len(text)))
		}
	}
	f.Fuzz(func(t *testing.T, left, right string, profile, size uint8) {
		p := Profiles()[int(profile)%len(Profiles())]
		for _, write := range []func(*Encoder){
			func(e *Encoder) { e.Text(left) }, func(e *Encoder) { e.Row(left, right) }, func(e *Encoder) { e.Center(right) },
			func(e *Encoder) { e.Rule([]rune(left + "-")[0]) }, func(e *Encoder) { e.TextIn(p.Page, p.Charmap, left) },
		} {
			e := New(p)
			e.Size(int(size&3)+1, int(size>>2&3)+1)
			write(e)
			b, err := e.Bytes()
			if err != nil {
				continue
			}
			paper := printBytes(t, p, b)
			for _, event := range paper.Events {
				if event.Kind == EventDrawer || event.Kind == EventCode {
					t.Fatalf("%q %q: %v", left, right, event)
				}
			}
		}
		e := New(p)
		e.QR(left)
		if b, err := e.Bytes(); err == nil {
			printBytes(t, p, b)
		}
	})
}

// TestSeedsOfOtherClients prints what other programs send to printers: it is understood, every command of it.
func TestSeedsOfOtherClients(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join("testdata", "clients", "*.hex"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no client: %v", err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		b, err := hex.DecodeString(strings.Join(strings.Fields(string(text)), ""))
		if err != nil {
			t.Fatal(err)
		}
		v := NewPrinter(Profiles()[0], false)
		_, _ = v.Write(b)
		if errs := v.Errors(); len(errs) > 0 {
			t.Errorf("%s: %v", path, errs)
		}
		papers := v.Papers()
		if len(papers) != 1 || !papers[0].Cut {
			t.Fatalf("%s: %d papers", path, len(papers))
		}
		golden(t, filepath.Join("clients", strings.TrimSuffix(filepath.Base(path), ".hex")+".txt"), []byte(papers[0].Text))
		if got, err := seen(papers[0].Image()); err != nil || got != address {
			t.Errorf("%s: its code reads %q, %v", path, got, err)
		}
	}
}

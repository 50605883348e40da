package escpos

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// asked sends bytes, written in hexadecimal, and returns what the printer answers.
func asked(v *Printer, question string) string {
	b, err := hex.DecodeString(strings.ReplaceAll(question, " ", ""))
	if err != nil {
		panic(err)
	}
	_, _ = v.Write(b)
	return hex.EncodeToString(v.Answers())
}

func TestThePrinterSaysHowItIs(t *testing.T) {
	for _, c := range []struct {
		state                        State
		drawer, offline, err, paper  string // DLE EOT 1 to 4
		roll, automatic, echo, moved string // GS r 1, GS a, GS ( H, and GS a once all is well again
	}{
		{State{}, "16", "12", "12", "12", "00", "1400000f", "37223132333400", ""},
		{State{PaperLow: true}, "16", "12", "12", "1e", "03", "1400030f", "37223132333400", "1400000f"},
		{State{PaperOut: true}, "1e", "32", "12", "7e", "", "", "", ""},
		{State{CoverOpen: true}, "1e", "16", "12", "12", "", "", "", ""},
		{State{CoverOpen: true, PaperOut: true}, "1e", "36", "12", "7e", "", "", "", ""},
		{State{Mute: true}, "", "", "", "", "", "", "", ""},
	} {
		v := NewPrinter(Profiles()[0], true)
		v.Set(c.state)
		for question, want := range map[string]string{"100401": c.drawer, "100402": c.offline, "100403": c.err, "100404": c.paper, "1d7201": c.roll, "1d284806003030 31323334": c.echo} {
			if got := asked(v, question); got != want {
				t.Errorf("%+v: %s is answered %q, want %q", c.state, question, got, want)
			}
		}
		if got := asked(v, "1d61ff"); got != c.automatic {
			t.Errorf("%+v: automatic status %q, want %q", c.state, got, c.automatic)
		}
		v.Set(State{Mute: c.state.Mute})
		if got := hex.EncodeToString(v.Answers()); c.automatic != "" && got != c.moved {
			t.Errorf("%+v: the change is told as %q, want %q", c.state, got, c.moved)
		}
		for _, err := range v.Errors() {
			t.Error(err)
		}
	}
}

func TestTheAnswerOfAPrinterIsOneOfStatus(t *testing.T) {
	for _, s := range []State{{}, {PaperOut: true}, {PaperLow: true}, {CoverOpen: true}} {
		v := NewPrinter(Profiles()[0], true)
		v.Set(s)
		for n := range 4 {
			_, _ = v.Write([]byte{dle, 0x04, byte(n + 1)})
			if b := v.Answers(); len(b) != 1 || b[0]&0x93 != 0x12 {
				t.Errorf("%+v: DLE EOT %d is answered % x", s, n+1, b)
			}
		}
	}
}

func TestThePrinterSaysWhoItIs(t *testing.T) {
	v := NewPrinter(Profiles()[0], true)
	if got, want := asked(v, "1d4942 1d4943"), hex.EncodeToString([]byte("_COMPTOIR\x00_VIRTUAL-80\x00")); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestNothingIsPrintedWithoutPaperAndAllOfItAfterwards(t *testing.T) {
	for _, stop := range []State{{PaperOut: true}, {CoverOpen: true}} {
		p := Profiles()[0]
		e := New(p)
		e.Text("un")
		e.Drawer()
		b, _ := e.Bytes()
		v := NewPrinter(p, true)
		v.Set(stop)
		_, _ = v.Write(append(b, gs, 'r', 1))
		if len(v.Papers()) > 0 || len(v.Events()) > 0 || len(v.Answers()) > 0 {
			t.Fatalf("%+v: %v %v", stop, v.Papers(), v.Events())
		}
		v.Set(State{})
		if papers := v.Papers(); len(papers) != 1 || papers[0].Text != "un\n" || !papers[0].Cut {
			t.Errorf("%+v: %v", stop, papers)
		}
		if got := fmt.Sprint(v.Events()); got != "[INIT DRAWER pin=0 on=50ms off=500ms CUT 66]" {
			t.Errorf("%+v: %s", stop, got)
		}
		if got := hex.EncodeToString(v.Answers()); got != "00" {
			t.Errorf("%+v: the end is told as %q", stop, got)
		}
	}
}

func TestAStrictPrinterRefusesWhatIsNotInItsProfile(t *testing.T) {
	narrow := func(p *Profile) { *p, _ = ProfileNamed("58") }
	for _, c := range []struct {
		name   string
		change func(*Profile)
		bytes  string
		loose  bool // it is an error of a printer that is not strict too
		want   string
	}{
		{"another page", nil, "1b7413", false, "page 19"},
		{"national set of France", nil, "1b5201", false, "national set 1"},
		{"half a Chinese letter", nil, "1b7410 e90a", false, "Chinese"},
		{"unknown command", nil, "1b5a", true, "unknown command 1b 5a"},
		{"control byte", nil, "410042", true, "unknown command 00"},
		{"DLE", nil, "1041", true, "unknown command 10 41"},
		{"unfinished", nil, "1d76300048", true, "unfinished command 1d 76 30 00 48"},
		{"unfinished code", nil, "1d286b0500", true, "unfinished command"},
		{"picture wider than the head", narrow, "1d763000 3100 0100" + strings.Repeat("ff", 49), false, "392 dots on 384"},
		{"huge picture", nil, "1d763000 ffff ffff", true, "of 4294836233 bytes"},
		{"code of its own", narrow, "1d286b0600315030 616263 1d286b0300315130 0a", false, "a code of its own"},
		{"code of nothing", nil, "1d286b0300315130", true, "a code of 0 bytes"},
		{"knife", narrow, "1d564200", false, "cut 66"},
		{"old knife", nil, "1b69", false, "cut 105"},
		{"wide line", nil, strings.Repeat("41", 49) + "0a", false, "wider than the paper"},
		{"twice as wide a line", narrow, "1d2110" + strings.Repeat("41", 17) + "0a", false, "wider than the paper"},
		{"over what stands there", nil, "414243 1b240000 44 0a", false, "printed over"},
		{"drawer of another pin", nil, "1b700119fa", false, "pin 1"},
		{"a line lost to a reset", nil, "4142431b40", false, "thrown away"},
		{"status inside a picture", nil, "1d763000 0100 0400 00100402", true, "real-time command 10 04 02 inside"},
		{"drawer inside a picture", nil, "1d763000 0100 0500 1014010001", true, "real-time command 10 14 01 00 01 inside"},
		{"a metre of paper", nil, "1b64ff", false, ""},
		{"too long a paper", nil, strings.Repeat("1b64ff", 11), true, "more than 80000 rows"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := Profiles()[0]
			if c.change != nil {
				c.change(&p)
			}
			for _, strict := range []bool{true, false} {
				v := NewPrinter(p, strict)
				asked(v, c.bytes)
				got := fmt.Sprint(v.Errors())
				switch {
				case c.want == "" && got != "[]", c.want != "" && (strict || c.loose) && !strings.Contains(got, c.want):
					t.Errorf("strict %v: got %s, want %s", strict, got, c.want)
				case !strict && !c.loose && got != "[]":
					t.Errorf("not strict, and still %s", got)
				}
			}
		})
	}
}

// TestAWrongPageLooksWrong is what a café sees of a wrong profile: 1252 bytes under page 19.
func TestAWrongPageLooksWrong(t *testing.T) {
	v := NewPrinter(Profiles()[0], false)
	asked(v, "1b7413")
	_, _ = v.Write(Profiles()[0].letters().bytes("Café crème 7,00 €"))
	asked(v, "0a 1b5201")
	_, _ = v.Write([]byte("@[\\]{|}~\n"))
	if got, want := v.Papers()[0].Text, "CafÚ crÞme 7,00 Ç\nà°ç§éùè¨\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPaperWithoutAKnifeIsTornOff(t *testing.T) {
	p, _ := ProfileNamed("58")
	v := NewPrinter(p, true)
	for _, text := range []string{"un", "deux"} {
		e := New(p)
		e.Text(text)
		b, _ := e.Bytes()
		_, _ = v.Write(b)
	}
	papers := v.Papers()
	if len(papers) != 2 || papers[0].Text != "un\n" || papers[1].Text != "deux\n" || !papers[0].Cut || !papers[1].Cut {
		t.Errorf("%+v", papers)
	}
	if torn := v.Tear(); len(torn) != 2 || torn[1].Text != "deux\n" || len(v.Papers()) > 0 {
		t.Errorf("torn off: %+v, left: %+v", torn, v.Papers())
	}
	v = NewPrinter(p, true) // cut off in the middle: the next job comes out on the same paper
	_, _ = v.Write([]byte("un\n"))
	e := New(p)
	e.Text("deux")
	b, _ := e.Bytes()
	_, _ = v.Write(b)
	if papers := v.Papers(); len(papers) != 1 || papers[0].Text != "un\ndeux\n" {
		t.Errorf("%+v", papers)
	}
}

// told is all that a printer shows for bytes, sent in the pieces that cut asks for.
func told(tb testing.TB, p Profile, s State, b []byte, cut func(left int) int) string {
	tb.Helper()
	v := NewPrinter(p, true)
	v.Set(s)
	var out strings.Builder
	for len(b) > 0 {
		n := min(max(cut(len(b)), 1), len(b))
		_, _ = v.Write(b[:n])
		b = b[n:]
	}
	for _, paper := range v.Papers() {
		fmt.Fprintf(&out, "%q %v %v %x\n", paper.Text, paper.Cut, paper.Events, paper.draw().rows)
	}
	fmt.Fprintf(&out, "%v %x %v", v.Events(), v.Answers(), v.Errors())
	return out.String()
}

func TestAnySplitGivesTheSamePaper(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		p := anyProfile().Draw(r, "profile")
		e := New(p)
		sample(e)
		b, err := e.Bytes()
		if err != nil {
			r.Fatal(err)
		}
		b = b[:rapid.IntRange(0, len(b)).Draw(r, "end")]
		whole := told(t, p, State{}, b, func(left int) int { return left })
		if got := told(t, p, State{}, b, func(int) int { return rapid.IntRange(1, 2000).Draw(r, "piece") }); got != whole {
			r.Fatalf("got %s\nwant %s", got, whole)
		}
	})
}

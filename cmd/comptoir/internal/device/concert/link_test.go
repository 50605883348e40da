package concert

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"comptoir/cmd/comptoir/internal/device/wire"
)

// replies is a line whose other end says the next of its segments each time it is written to, and then hangs up.
type replies struct {
	left   [][]byte
	said   chan []byte
	closed chan struct{}
	rest   []byte
	wrote  []byte
}

func saying(segments ...string) *replies {
	r := &replies{said: make(chan []byte, len(segments)+1), closed: make(chan struct{})}
	for _, s := range segments {
		r.left = append(r.left, []byte(s))
	}
	return r
}

func (r *replies) Write(p []byte) (int, error) {
	r.wrote = append(r.wrote, p...)
	switch len(r.left) {
	case 0:
	case 1:
		r.said <- r.left[0]
		close(r.said)
		r.left = nil
	default:
		r.said <- r.left[0]
		r.left = r.left[1:]
	}
	return len(p), nil
}

func (r *replies) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		select {
		case segment, open := <-r.said:
			if !open {
				return 0, io.EOF
			}
			r.rest = segment
		case <-r.closed:
			return 0, io.EOF
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func (r *replies) Close() error { close(r.closed); return nil }

// sending sends "text" to a line that says segments.
func sending(t *testing.T, segments ...string) (sent bool, wrote string, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := saying(segments...)
		line := wire.New(r)
		sent, err = Send(t.Context(), line, "text")
		_ = line.Close()
		wrote = string(r.wrote)
	})
	return sent, wrote, err
}

func TestNothingOfAMessageIsSentBeforeTheCallIsTaken(t *testing.T) {
	for name, c := range map[string]struct {
		segments []string
		want     error
	}{
		"silence":     {[]string{"", "", "", ""}, ErrDeaf},
		"noise":       {[]string{"~~~", strings.Repeat("~", 400), "\x00", ""}, ErrDeaf},
		"busy":        {[]string{"\x15", "\x15", "\x15", ""}, ErrBusy},
		"a call":      {[]string{"\x05", "\x05", "\x05", ""}, ErrBusy},
		"its own end": {[]string{"\x04", "\x04", "\x04", ""}, ErrBusy},
		"gone":        {[]string{"~"}, ErrDeaf},
	} {
		sent, wrote, err := sending(t, c.segments...)
		if sent || !errors.Is(err, c.want) || strings.Contains(wrote, "\x02") {
			t.Errorf("%s: sent %v, wrote %q, error %v", name, sent, wrote, err)
		}
	}
}

func TestAMessageIsSentAgainOnlyWhenItWasNotRead(t *testing.T) {
	frame := string(Frame("text"))
	for name, c := range map[string]struct {
		segments []string
		wrote    string
		want     error
	}{
		"read":             {[]string{"\x06", "\x06", ""}, "\x05" + frame + "\x04", nil},
		"at the third":     {[]string{"\x06", "\x15", "\x15", "\x06", ""}, "\x05" + frame + frame + frame + "\x04", nil},
		"never":            {[]string{"\x06", "\x15", "\x15", "\x15", ""}, "\x05" + frame + frame + frame + "\x04", ErrUnheard},
		"silence":          {[]string{"\x06", "", ""}, "\x05" + frame, ErrUnheard},
		"noise":            {[]string{"\x06", "~~", ""}, "\x05" + frame, ErrUnheard},
		"noise, then read": {[]string{"\x06", "~~\x06", ""}, "\x05" + frame + "\x04", nil},
		"given up":         {[]string{"\x06", "\x04", ""}, "\x05" + frame, ErrUnheard},
		"gone":             {[]string{"\x06", "~"}, "\x05" + frame, ErrUnheard},
	} {
		sent, wrote, err := sending(t, c.segments...)
		if !sent || !errors.Is(err, c.want) || wrote != c.wrote {
			t.Errorf("%s: sent %v, wrote %q, error %v", name, sent, wrote, err)
		}
	}
}

func TestAMessageIsHeardThroughNoise(t *testing.T) {
	frame := string(Frame("text"))
	spoilt := frame[:len(frame)-1] + "\x7f"
	for name, c := range map[string]struct {
		segments []string // the first comes by itself
		want     error
	}{
		"clean":            {[]string{"\x05", frame, "\x04"}, nil},
		"no end":           {[]string{"\x05", frame, ""}, nil},
		"noise":            {[]string{"~\xff\x05", "~~" + frame, "~\x04"}, nil},
		"spoilt once":      {[]string{"\x05", spoilt, frame, "\x04"}, nil},
		"spoilt always":    {[]string{"\x05", spoilt, spoilt, spoilt, ""}, ErrTroubled},
		"begun twice":      {[]string{"\x05", frame[:4] + frame, "\x04"}, nil},
		"called twice":     {[]string{"\x05", "\x05", frame, "\x04"}, nil},
		"no check":         {[]string{"\x05", frame[:len(frame)-1], frame, "\x04"}, nil},
		"half, then again": {[]string{"\x05", frame[:3], frame, "\x04"}, nil},
		"too long":         {[]string{"\x05", "\x02" + strings.Repeat("~", textMax+10), frame, "\x04"}, nil},
		"nobody":           {[]string{"~"}, ErrSilent},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := saying(c.segments...)
			line := wire.New(r)
			_, _ = r.Write(nil)
			got, err := Receive(t.Context(), line)
			_ = line.Close()
			if !errors.Is(err, c.want) || err == nil && got != "text" {
				t.Errorf("%s: got %q, error %v", name, got, err)
			}
		})
	}
}

// FuzzConcert has the other end say anything, segment by segment: a message that is received was framed and checked, and
// nothing of one is sent before the call was taken.
func FuzzConcert(f *testing.F) {
	good := string(Frame("0100000147019780123456789"))
	for _, seed := range []string{
		"", "\x06|\x06|\x05|" + good + "|\x04", "\x15|\x15|\x15", "\x05|\x05|\x05", "\x06|\x15|\x15|\x15", "\x06|\x06|~\x05|~" + good,
		"\x06|\x06|\x05|" + good[:9] + "|" + good, "\x06|\x06|\x05\x05|\x02\x03\x03", "\x06|\x04", "\x06\x06\x05" + good + "\x04", "|||\x06", "\x06|\x06|\x05|\x02~",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		synctest.Test(t, func(t *testing.T) {
			segments := strings.Split(string(text), "|")
			r := saying(segments...)
			line := wire.New(r)
			ctx, cancel := context.WithTimeout(t.Context(), 180*1e9)
			defer cancel()
			sent, err := Send(ctx, line, "text")
			heard := ""
			var wrong error
			if err == nil {
				heard, wrong = Receive(ctx, line)
			}
			_ = line.Close()
			if begun := strings.Contains(string(r.wrote), "\x02"); sent != begun {
				t.Errorf("%q: sent is %v, and the line had %q", text, sent, r.wrote)
			}
			if err == nil && wrong == nil && !strings.Contains(strings.Join(segments, ""), string(Frame(heard))) {
				t.Errorf("%q: heard %q", text, heard)
			}
			if strings.Count(string(r.wrote), "\x02") > tries {
				t.Errorf("%q: sent more than %d times", text, tries)
			}
		})
	})
}

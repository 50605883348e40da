package escpos

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSamplePapers holds the bytes, the text, the events and the picture of everything that an encoder does, on every profile.
func TestSamplePapers(t *testing.T) {
	for _, p := range Profiles() {
		t.Run(p.Name, func(t *testing.T) {
			e := New(p)
			sample(e)
			b, err := e.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			paper := printBytes(t, p, b)
			var said strings.Builder
			said.WriteString(paper.Text)
			for _, event := range paper.Events {
				fmt.Fprintf(&said, "[%s]\n", event)
			}
			golden(t, p.Name+".txt", []byte(said.String()))
			golden(t, p.Name+".hex", dump(b))
			goldenPicture(t, p.Name+".png", paper)
		})
	}
}

// dump writes bytes for people to compare: a command a line, text in one, and of a picture its head and its hash.
func dump(b []byte) []byte {
	var out bytes.Buffer
	text := 0
	for at := 0; at < len(b); {
		n, _ := size(b[at:])
		if n == 1 && b[at] >= ' ' {
			at, text = at+1, text+1
			continue
		}
		if text > 0 {
			fmt.Fprintf(&out, "%x\n", b[at-text:at])
			text = 0
		}
		command := b[at : at+n]
		if command[0] == gs && command[1] == 'v' {
			fmt.Fprintf(&out, "%x + %d bytes %x\n", command[:8], n-8, sha256.Sum256(command[8:]))
		} else {
			fmt.Fprintf(&out, "%x\n", command)
		}
		at += n
	}
	return out.Bytes()
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// goldenPicture compares dots, not files: how well they are packed is the compiler's affair.
func goldenPicture(t *testing.T, name string, paper Paper) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		b, err := paper.PNG()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if at, same := sameDots(want, paper.Image()); !same {
		t.Errorf("%s differs at %v", name, at)
	}
}

func sameDots(a, b image.Image) (image.Point, bool) {
	if a.Bounds() != b.Bounds() {
		return a.Bounds().Max, false
	}
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			if color.GrayModel.Convert(a.At(x, y)) != color.GrayModel.Convert(b.At(x, y)) {
				return image.Pt(x, y), false
			}
		}
	}
	return image.Point{}, true
}

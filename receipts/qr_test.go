package receipts_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"image/png"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/skip2/go-qrcode"

	"comptoir/data/fault"
	"comptoir/receipts"
)

const cardURL = "HTTP://127.0.0.1:8081/C/FIDCBDEFGHIJKLNRTUVC"

// drawn reads the modules back from an SVG image, quiet zone included.
func drawn(t *testing.T, svg string) [][]bool {
	t.Helper()
	var image struct {
		XMLName xml.Name `xml:"http://www.w3.org/2000/svg svg"`
		ViewBox string   `xml:"viewBox,attr"`
		Rect    struct {
			Fill string `xml:"fill,attr"`
		} `xml:"rect"`
		Paths []struct {
			Fill string `xml:"fill,attr"`
			D    string `xml:"d,attr"`
		} `xml:"path"`
	}
	if err := xml.Unmarshal([]byte(svg), &image); err != nil {
		t.Fatal(err)
	}
	if len(image.Paths) != 1 || image.Paths[0].Fill != "#000" || image.Rect.Fill != "#fff" || strings.Contains(svg, "style") {
		t.Fatalf("not one black path on white without style: %.200s", svg)
	}
	var n int
	if _, err := fmt.Sscanf(image.ViewBox, "0 0 %d", &n); err != nil {
		t.Fatal(err)
	}
	modules := make([][]bool, n)
	for i := range modules {
		modules[i] = make([]bool, n)
	}
	for _, m := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-\d+z`).FindAllStringSubmatch(image.Paths[0].D, -1) {
		x, _ := strconv.Atoi(m[1])
		y, _ := strconv.Atoi(m[2])
		w, _ := strconv.Atoi(m[3])
		for i := range w {
			modules[y][x+i] = true
		}
	}
	return modules
}

func TestTheCodeOfACardIsReadBackFromItsPicture(t *testing.T) {
	for text, want := range map[string]int{cardURL: 29, "HTTP://CAFE.FR/C/FIDCBDEFGHIJKLNRTUVC": 25} {
		svg, err := receipts.QRSVG(text)
		if err != nil {
			t.Fatal(err)
		}
		modules := drawn(t, svg)
		for i := range modules {
			for b := range 4 {
				if modules[b][i] || modules[i][b] || modules[len(modules)-1-b][i] || modules[i][len(modules)-1-b] {
					t.Fatalf("%s: ink in the quiet zone", text)
				}
			}
		}
		var inner [][]bool
		for _, row := range modules[4 : len(modules)-4] {
			inner = append(inner, row[4:len(row)-4])
		}
		if len(inner) != want {
			t.Errorf("%s: %d modules, want %d", text, len(inner), want)
		}
		got, modes := decodeQR(t, inner)
		if got != text {
			t.Errorf("read %q, want %q", got, text)
		}
		if strings.Contains(modes, "b") {
			t.Errorf("%s: coded in modes %s, want no byte mode", text, modes)
		}
	}
}

func TestThePictureIsTheSameCodeInWholePixels(t *testing.T) {
	code, err := qrcode.New(cardURL, qrcode.Medium)
	if err != nil {
		t.Fatal(err)
	}
	want := code.Bitmap()
	n := len(want)
	for _, size := range []int{n, 300, 512} {
		b, err := receipts.QRPNG(cardURL, size)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if img.Bounds().Dx() != size || img.Bounds().Dy() != size {
			t.Errorf("%v, want %d pixels", img.Bounds(), size)
		}
		scale := size / n
		margin := (size - n*scale) / 2
		for y := range size {
			for x := range size {
				r, _, _, _ := img.At(x, y).RGBA()
				my, mx := (y-margin+scale)/scale-1, (x-margin+scale)/scale-1
				ink := my >= 0 && my < n && mx >= 0 && mx < n && want[my][mx]
				if (r == 0) != ink {
					t.Fatalf("size %d: pixel %d,%d is not that of module %d,%d", size, x, y, mx, my)
				}
			}
		}
	}
}

func TestQRLimits(t *testing.T) {
	if _, err := receipts.QRSVG(strings.Repeat("é", receipts.QRTextMax/2)); err != nil {
		t.Errorf("300 bytes: %v", err)
	}
	for _, text := range []string{"", strings.Repeat("é", receipts.QRTextMax/2) + "x"} {
		if _, err := receipts.QRSVG(text); fault.CodeOf(err) != "qr.text" {
			t.Errorf("svg of %d bytes: %v", len(text), err)
		}
		if _, err := receipts.QRPNG(text, 512); fault.CodeOf(err) != "qr.text" {
			t.Errorf("png of %d bytes: %v", len(text), err)
		}
	}
	for _, size := range []int{-1, 0, 36, receipts.QRSizeMax + 1} {
		if _, err := receipts.QRPNG(cardURL, size); fault.CodeOf(err) != "qr.size" {
			t.Errorf("size %d: %v", size, err)
		}
	}
}

// decodeQR reads an undamaged symbol of version 1, 2 or 3 at level M, which has one block of code words: ISO/IEC
// 18004 §7. It returns the text and one letter a segment: n numeric, a alphanumeric, b bytes.
func decodeQR(t *testing.T, m [][]bool) (text, modes string) {
	t.Helper()
	format := 0
	for _, at := range [15][2]int{{8, 0}, {8, 1}, {8, 2}, {8, 3}, {8, 4}, {8, 5}, {8, 7}, {8, 8}, {7, 8}, {5, 8}, {4, 8}, {3, 8}, {2, 8}, {1, 8}, {0, 8}} {
		format <<= 1
		if m[at[0]][at[1]] {
			format |= 1
		}
	}
	format ^= 0b101010000010010
	if level := format >> 13; level != 0 {
		t.Fatalf("level %02b, want 00 for M", level)
	}
	bits := codeBits(m, format>>10&7)
	take := func(n int) (v int) {
		for range n {
			v <<= 1
			if bits[0] {
				v |= 1
			}
			bits = bits[1:]
		}
		return v
	}
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
	for {
		switch mode := take(4); mode {
		case 0:
			return text, modes
		case 1:
			modes += "n"
			n := take(10)
			for ; n >= 3; n -= 3 {
				text += fmt.Sprintf("%03d", take(10))
			}
			if n > 0 {
				text += fmt.Sprintf("%0*d", n, take(3*n+1))
			}
		case 2:
			modes += "a"
			n := take(9)
			for ; n >= 2; n -= 2 {
				v := take(11)
				text += string(letters[v/45]) + string(letters[v%45])
			}
			if n > 0 {
				text += string(letters[take(6)])
			}
		case 4:
			modes += "b"
			for range take(8) {
				text += string(rune(take(8)))
			}
		default:
			t.Fatalf("mode %04b after %q", mode, text)
		}
	}
}

// codeBits walks the data modules in their order and takes the mask off.
func codeBits(m [][]bool, mask int) (bits []bool) {
	n := len(m)
	function := func(y, x int) bool {
		finder := y < 9 && x < 9 || y < 9 && x >= n-8 || y >= n-8 && x < 9
		alignment := n > 21 && y >= n-9 && y <= n-5 && x >= n-9 && x <= n-5
		return finder || alignment || y == 6 || x == 6
	}
	masked := [8]func(y, x int) bool{
		func(y, x int) bool { return (y+x)%2 == 0 },
		func(y, _ int) bool { return y%2 == 0 },
		func(_, x int) bool { return x%3 == 0 },
		func(y, x int) bool { return (y+x)%3 == 0 },
		func(y, x int) bool { return (y/2+x/3)%2 == 0 },
		func(y, x int) bool { return y*x%2+y*x%3 == 0 },
		func(y, x int) bool { return (y*x%2+y*x%3)%2 == 0 },
		func(y, x int) bool { return ((y+x)%2+y*x%3)%2 == 0 },
	}[mask]
	up := true
	for right := n - 1; right > 0; right -= 2 {
		if right == 6 {
			right--
		}
		for i := range n {
			y := i
			if up {
				y = n - 1 - i
			}
			for _, x := range [2]int{right, right - 1} {
				if !function(y, x) {
					bits = append(bits, m[y][x] != masked(y, x))
				}
			}
		}
		up = !up
	}
	return bits
}

package escpos

import (
	"bytes"
	"image"
	"image/color"
	"testing"

	"pgregory.net/rapid"
)

// dots is a picture made of bytes, eight dots each.
func dots(width int, rows []byte) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, width, len(rows)*8/width))
	for i := range img.Pix {
		if rows[i/8]&(0x80>>(i%8)) == 0 {
			img.Pix[i] = 255
		}
	}
	return img
}

// TestPicturesCarryNoCommand prints pictures whose dots would open the drawer and ask for the status, and finds that few dots have changed.
func TestPicturesCarryNoCommand(t *testing.T) {
	evil := bytes.Repeat([]byte{0x10, 0x14, 0x01, 0x00, 0x01, 0x10, 0x04, 0x02, 0x10, 0x05, 0x02, 0x10, 0x10, 0x04, 0x01, 0x10}, 72*10)
	for _, name := range []string{"80", "58", "image-80"} {
		p, err := ProfileNamed(name)
		if err != nil {
			t.Fatal(err)
		}
		paper := print(t, p, func(e *Encoder) { e.Image(dots(p.Dots, evil[:p.Dots/8*160])) })
		for _, event := range paper.Events {
			if event.Kind == EventDrawer {
				t.Errorf("%s: the picture opened the drawer", name)
			}
		}
		want, changed := dots(p.Dots, evil[:p.Dots/8*160]), 0
		got := paper.Image()
		for y := range want.Bounds().Dy() {
			for x := range p.Dots {
				if color.GrayModel.Convert(got.At(x, y)) != want.GrayAt(x, y) {
					changed++
				}
			}
		}
		if all := p.Dots * 160; changed == 0 || changed > all/24 {
			t.Errorf("%s: %d dots of %d changed", name, changed, all)
		}
	}
}

func TestAnyPictureIsHarmlessAndPrintsAsItIs(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		p, _ := ProfileNamed(rapid.SampledFrom([]string{"80", "58", "image-58"}).Draw(r, "profile"))
		bytewide := rapid.IntRange(1, p.Dots/8).Draw(r, "width")
		rows := rapid.SliceOfN(rapid.SampledFrom([]byte{0, 0x10, 0x04, 0x05, 0x14, 1, 0xff, 0x1b, 0x40}), bytewide, 40*bytewide).Draw(r, "rows")
		rows = rows[:len(rows)/bytewide*bytewide]
		paper := print(t, p, func(e *Encoder) { e.Image(dots(8*bytewide, rows)) })
		want := pictureOf(dots(8*bytewide, rows))
		on := newPicture(p.Dots)
		on.draw((p.Dots-want.width)/2, 0, want)
		got := paper.draw()
		for y := range on.height() {
			for x := range on.width {
				if on.at(x, y) && !got.at(x, y) {
					r.Fatalf("the dot at %d, %d is gone", x, y)
				}
			}
		}
	})
}

// TestAPictureSaysTheSameAsLetters: for whatever printer there is, image mode puts the very dots on paper that a printer of letters does.
func TestAPictureSaysTheSameAsLetters(t *testing.T) {
	for _, width := range []string{"80", "58"} {
		p, _ := ProfileNamed(width)
		p.QR = false
		q := p
		q.Image = true
		if at, same := sameDots(print(t, p, sample).Image(), print(t, q, sample).Image()); !same {
			t.Errorf("%s mm: the picture differs from the letters at %v", width, at)
		}
	}
}

func TestAPictureWiderThanTheHeadIsRefused(t *testing.T) {
	e := New(Profiles()[0])
	e.Image(image.NewGray(image.Rect(0, 0, 577, 1)))
	if _, err := e.Bytes(); err == nil {
		t.Error("printed")
	}
}

func TestWhatIsClearOnAPictureIsPaper(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 8, 1)) // black, and wholly transparent
	img.SetNRGBA(3, 0, color.NRGBA{A: 255})
	if got := pictureOf(img).rows; !bytes.Equal(got, []byte{0x10}) {
		t.Errorf("got % x", got)
	}
}

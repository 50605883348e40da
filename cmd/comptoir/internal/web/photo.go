package web

import (
	"bytes"
	"context"
	"image"
	_ "image/jpeg" // what cameras and canvases write
	_ "image/png"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/makiuchi-d/gozxing/qrcode"

	"comptoir/data/fault"
)

// photoPath is where the till's camera sends what it sees.
const photoPath = "/till/photo"

// Limits of a photograph (architecture.md §6, till-pages.md §5.2): reading one costs about 10 ms.
const (
	maxPhoto       = 200 << 10 // bytes
	maxPhotoSide   = 2048      // pixels, told by its header before anything is decoded
	photosAtOnce   = 2
	photosASession = 6 // a second
)

var (
	errPhoto      = fault.New(fault.Invalid, "photo.unreadable", "This is no JPEG or PNG picture of a size that a camera sends.")
	errPhotosMany = fault.New(fault.TooMany, "photo.many", "Too many pictures were sent at once.")
)

// readPhoto serves POST /till/photo: the code of the card, the receipt or the goods on a picture, or 204 when there is
// none. Nothing is kept.
func (s *Server) readPhoto(c *fiber.Ctx) error {
	who := c.Cookies(sessionName(c))
	if who == "" {
		who = s.operator(c).ID
	}
	if s.photos.pace.count(who) > 0 {
		return errPhotosMany
	}
	text, err := s.photos.read(c.UserContext(), c.BodyRaw())
	if err != nil {
		return err
	}
	kind, code, err := readScan(text)
	if err != nil || kind == scanReceipt && !receiptAddress.MatchString(text) { // no code, or that of something else
		return c.SendStatus(http.StatusNoContent)
	}
	return c.SendString(code)
}

// photoReader reads codes on pictures, few at a time: the till sells on the same cores.
type photoReader struct {
	places chan struct{}
	pace   *scanLimit
}

func newPhotoReader(now func() time.Time) *photoReader {
	return &photoReader{make(chan struct{}, photosAtOnce), newLimit(now, time.Second, photosASession)}
}

// read returns the text of the code on a picture; empty when there is none. Errors: photo.unreadable; the context's.
func (r *photoReader) read(ctx context.Context, picture []byte) (string, error) {
	select {
	case r.places <- struct{}{}:
		defer func() { <-r.places }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	head, _, err := image.DecodeConfig(bytes.NewReader(picture))
	if err != nil || head.Width > maxPhotoSide || head.Height > maxPhotoSide {
		return "", errPhoto
	}
	img, _, err := image.Decode(bytes.NewReader(picture))
	if err != nil {
		return "", errPhoto.Wrap(err)
	}
	if text := codeOn(img); text != "" {
		return text, nil
	}
	return goodsOn(img), nil
}

// goodsOn reads the code of goods on a picture, EAN-13, EAN-8 or UPC-A, upright or on its side; empty when there is none.
func goodsOn(img image.Image) string {
	bits, err := gozxing.NewBinaryBitmap(gozxing.NewHybridBinarizer(gozxing.NewLuminanceSourceFromImage(img)))
	if err != nil {
		return ""
	}
	formats := make(map[gozxing.DecodeHintType]any, 1)
	formats[gozxing.DecodeHintType_POSSIBLE_FORMATS] = []gozxing.BarcodeFormat{gozxing.BarcodeFormat_EAN_13, gozxing.BarcodeFormat_UPC_A, gozxing.BarcodeFormat_EAN_8}
	found, err := oned.NewMultiFormatUPCEANReader(formats).Decode(bits, readingHint(gozxing.DecodeHintType_TRY_HARDER))
	if err != nil || found == nil {
		return ""
	}
	return found.GetText()
}

// codeOn reads the code on a picture; empty when there is none. A photograph is best read by its local contrast, a
// picture that the code fills by that of the whole, or as the code alone: each reads some that the others do not. Two
// codes in a thousand bear a pattern that the reader takes for a corner; turned by a quarter it meets the corners first.
func codeOn(img image.Image) string {
	light := gozxing.NewLuminanceSourceFromImage(img)
	harder, alone := readingHint(gozxing.DecodeHintType_TRY_HARDER), readingHint(gozxing.DecodeHintType_PURE_BARCODE)
	turned, err := light.RotateCounterClockwise()
	if err != nil {
		return ""
	}
	for _, way := range []struct {
		contrast gozxing.Binarizer
		hints    map[gozxing.DecodeHintType]any
	}{
		{gozxing.NewHybridBinarizer(light), harder}, {gozxing.NewGlobalHistgramBinarizer(light), harder},
		{gozxing.NewHybridBinarizer(turned), harder}, {gozxing.NewHybridBinarizer(light), alone},
	} {
		bits, err := gozxing.NewBinaryBitmap(way.contrast)
		if err != nil {
			return ""
		}
		if found, err := qrcode.NewQRCodeReader().Decode(bits, way.hints); err == nil && found != nil {
			return found.GetText()
		}
	}
	return ""
}

func readingHint(h gozxing.DecodeHintType) map[gozxing.DecodeHintType]any {
	hints := make(map[gozxing.DecodeHintType]any, 1)
	hints[h] = true
	return hints
}

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
	"github.com/makiuchi-d/gozxing/qrcode"

	"comptoir/data/fault"
	"comptoir/loyalty"
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

// readPhoto serves POST /till/photo: the code of the card on a picture, or 204 when there is none. Nothing is kept.
func (s *Server) readPhoto(c *fiber.Ctx) error {
	who := c.Cookies(sessionCookie)
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
	code, err := loyalty.ParseCode(text)
	if err != nil { // no code, or that of something else
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
	bits, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		return "", errPhoto.Wrap(err)
	}
	hints := make(map[gozxing.DecodeHintType]any, 1)
	hints[gozxing.DecodeHintType_TRY_HARDER] = true
	found, err := qrcode.NewQRCodeReader().Decode(bits, hints)
	if err != nil || found == nil {
		return "", nil // a picture without a code is no error
	}
	return found.GetText(), nil
}

package web

import (
	"bytes"
	"compress/gzip"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"
)

// Pages and files go out packed to whoever takes gzip: over a café's Wi-Fi bytes are what a reload waits for. A live
// stream never is: its hints would wait in the packer.

// worthPacking is what a network packet holds anyway, in bytes.
const worthPacking = 1400

// packer writes gzip. Its writers are kept: each is most of a megabyte.
type packer struct{ writers sync.Pool }

func newPacker() *packer {
	return &packer{sync.Pool{New: func() any {
		w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed) // a page is made for one reader: 1 ms, and a tenth of its bytes
		if err != nil {
			return gzip.NewWriter(nil)
		}
		return w
	}}}
}

// send sends a body, packed if its reader takes that and it is worth it.
func (p *packer) send(c *fiber.Ctx, body []byte) error {
	if len(body) < worthPacking || !takesGzip(c) {
		return c.Send(body)
	}
	w, ok := p.writers.Get().(*gzip.Writer)
	if !ok {
		return c.Send(body)
	}
	defer p.writers.Put(w)
	var b bytes.Buffer
	w.Reset(&b)
	if _, err := w.Write(body); err != nil {
		return errBug.Wrap(err)
	}
	if err := w.Close(); err != nil {
		return errBug.Wrap(err)
	}
	c.Set(fiber.HeaderContentEncoding, "gzip")
	return c.Send(b.Bytes())
}

// squeeze packs a file once, as small as it gets; nil when that saves nothing.
func squeeze(body []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err := w.Write(body); err != nil || w.Close() != nil || b.Len() >= len(body) {
		return nil
	}
	return b.Bytes()
}

// takesGzip also tells caches between that there are two forms of the answer.
func takesGzip(c *fiber.Ctx) bool {
	c.Vary(fiber.HeaderAcceptEncoding)
	for coding := range strings.SplitSeq(c.Get(fiber.HeaderAcceptEncoding), ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(coding), ";")
		if name == "gzip" && strings.TrimSpace(weight) != "q=0" {
			return true
		}
	}
	return false
}

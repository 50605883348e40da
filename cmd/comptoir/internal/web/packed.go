package web

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"
)

// Pages and files go out packed to whoever takes gzip: over a café's Wi-Fi bytes are what a reload waits for. A live
// stream never is: its hints would wait in the packer.

// worthPacking is what a network packet holds anyway, in bytes.
const worthPacking = 1400

// packer writes gzip (RFC 1952). Its writers are kept: each is most of a megabyte.
type packer struct{ whole, between sync.Pool }

func newPacker() *packer {
	level := func(n int) func() any {
		return func() any {
			w, err := flate.NewWriter(nil, n)
			if err != nil {
				return nil // there are such levels
			}
			return w
		}
	}
	// A page is made for one reader: 1 ms, and a tenth of its bytes. What lies between kept blocks is little.
	return &packer{whole: sync.Pool{New: level(flate.BestSpeed)}, between: sync.Pool{New: level(flate.DefaultCompression)}}
}

// send sends a body, packed if its reader takes that and it is worth it. kept are blocks of it, in order, that are packed already.
func (p *packer) send(c *fiber.Ctx, body []byte, kept ...keptBlock) error {
	if len(body) < worthPacking || !takesGzip(c) {
		return c.Send(body)
	}
	packed, err := p.pack(body, kept)
	if err != nil {
		return errBug.Wrap(err)
	}
	c.Set(fiber.HeaderContentEncoding, "gzip")
	return c.Send(packed)
}

// pack writes a body as one gzip member. The blocks of a deflate stream follow each other byte by byte where each was flushed
// and refers to nothing before it: what lies between the kept ones is packed now, by itself.
func (p *packer) pack(body []byte, kept []keptBlock) ([]byte, error) {
	writers := &p.whole
	if len(kept) > 0 {
		writers = &p.between
	}
	w, ok := writers.Get().(*flate.Writer)
	if !ok {
		return nil, errors.New("no flate writer")
	}
	defer writers.Put(w)
	b := bytes.NewBuffer([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff}) // deflate; no name, no time, no system
	rest := body
	for _, k := range kept {
		before, after, found := bytes.Cut(rest, []byte(k.html))
		if !found {
			continue // then it is packed as the rest is
		}
		w.Reset(b)
		if _, err := w.Write(before); err != nil {
			return nil, err
		}
		if err := w.Flush(); err != nil {
			return nil, err
		}
		b.Write(k.packed())
		rest = after
	}
	w.Reset(b)
	if _, err := w.Write(rest); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	end := binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(body))
	b.Write(binary.LittleEndian.AppendUint32(end, uint32(len(body)))) // modulo 2³², as the format says
	return b.Bytes(), nil
}

// packBlock packs a block to stand inside a stream, as small as it gets; see pack.
func packBlock(text []byte) []byte {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		return nil // there is such a level, and a buffer takes everything
	}
	_, _ = w.Write(text)
	_ = w.Flush()
	return b.Bytes()
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

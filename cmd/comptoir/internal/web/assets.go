package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"
)

//go:embed static
var staticFiles embed.FS

//go:embed templates
var templateFiles embed.FS

// assetCache lets a browser keep a file for a year: its address changes with its content.
const assetCache = "public, max-age=31536000, immutable"

// asset is one static file as it is sent.
type asset struct {
	body   []byte
	packed func() []byte // gzip, made once it is asked for; nil when that saves nothing
	kind   string        // media type
	etag   string
}

// assets are the files of pages, under one path that holds the hash of them all: modules that import each other
// then always come from one version.
type assets struct {
	prefix string // "/static/<hash>/"
	files  map[string]asset
	icons  map[string]template.HTML
}

func loadAssets() (*assets, error) {
	a := &assets{files: map[string]asset{}, icons: map[string]template.HTML{}}
	all := sha256.New()
	err := fs.WalkDir(staticFiles, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := staticFiles.ReadFile(name)
		if err != nil {
			return err
		}
		name = strings.TrimPrefix(name, "static/")
		sum := sha256.Sum256(body)
		fmt.Fprintf(all, "%s %x\n", name, sum)
		a.files[name] = asset{body: body, packed: sync.OnceValue(func() []byte { return squeeze(body) }), kind: mediaType(name), etag: `"` + hex.EncodeToString(sum[:8]) + `"`}
		if icon, ok := strings.CutPrefix(name, "icons/"); ok && path.Ext(icon) == ".svg" {
			a.icons[strings.TrimSuffix(icon, ".svg")] = inlineIcon(body)
		}
		return nil
	})
	a.prefix = "/static/" + hex.EncodeToString(all.Sum(nil)[:6]) + "/"
	return a, err
}

// mediaType does not ask the system, whose tables differ from machine to machine.
func mediaType(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	}
	if kind := mime.TypeByExtension(path.Ext(name)); kind != "" {
		return kind
	}
	return "text/plain; charset=utf-8"
}

// inlineIcon prepares an icon to stand in a page beside its word: hidden from screen readers, sized by the style sheet.
func inlineIcon(file []byte) template.HTML {
	at := max(bytes.Index(file, []byte("<svg")), 0)
	svg := strings.Join(strings.Fields(string(file[at:])), " ")
	body := svg[strings.Index(svg, ">")+1:]
	//nolint:gosec // the file is ours, inside the binary
	return template.HTML(`<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">` + body)
}

// path returns the address of a file, or an error that fails the page: a missing file is a bug.
func (a *assets) path(name string) (string, error) {
	if _, ok := a.files[name]; !ok {
		return "", fmt.Errorf("no static file %q", name)
	}
	return a.prefix + name, nil
}

func (a *assets) icon(name string) (template.HTML, error) {
	icon, ok := a.icons[name]
	if !ok {
		return "", fmt.Errorf("no icon %q", name)
	}
	return icon, nil
}

// static serves GET /static/<hash>/<file>. A page left open across an update asks for an old hash: it gets the
// present file, not to be kept.
func (s *Server) static(c *fiber.Ctx) error {
	a := s.pages.assets
	file, ok := a.files[c.Params("*")]
	if !ok {
		return errRoute
	}
	c.Set(fiber.HeaderETag, file.etag)
	c.Set(fiber.HeaderCacheControl, assetCache)
	if "/static/"+c.Params("hash")+"/" != a.prefix {
		c.Set(fiber.HeaderCacheControl, "no-cache")
	}
	if strings.Contains(c.Get(fiber.HeaderIfNoneMatch), file.etag) {
		return c.SendStatus(http.StatusNotModified)
	}
	c.Set(fiber.HeaderContentType, file.kind)
	if takesGzip(c) && path.Ext(c.Params("*")) != ".woff2" { // fonts are packed already
		if packed := file.packed(); packed != nil {
			c.Set(fiber.HeaderContentEncoding, "gzip")
			return c.Send(packed)
		}
	}
	return c.Send(file.body)
}

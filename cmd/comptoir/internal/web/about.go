package web

import (
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/fault"
	"comptoir/receipts/journal"
)

const aboutPath = "/about"

// aboutView says which program this is: what an inspector compares with the papers (fiscal R3).
type aboutView struct {
	base
	Product, Version string
	Core, Source     string // version of the fiscal core, and the SHA-256 of its sources
	Journal          string // UUID
	Key, Custody     string
	Head             int64  // seq of the newest entry
	HeadHash         string // the first 16 digits
	Closing          string // number of the last closing of a day; empty: none yet
	ClosedAt         time.Time
	Identity         journal.Identity
}

// aboutPage serves GET /about.
func (s *Server) aboutPage(c *fiber.Ctx) error {
	ctx, q, j := c.UserContext(), s.till.DB().Reader(), s.till.Journal()
	v := aboutView{base: s.newBase(c, "about.title", "help"), Core: journal.CoreVersion, Source: journal.SourceHash(journal.CoreVersion), Key: j.KeyID(), Identity: s.till.Identity()}
	v.Product, v.Version, _ = strings.Cut(s.till.Software(), "/")
	genesis, err := journal.At(ctx, q, 0)
	if err != nil {
		return err
	}
	env, err := genesis.Envelope()
	if err != nil {
		return err
	}
	founding, err := journal.Founding(ctx, q)
	if err != nil {
		return err
	}
	v.Journal, v.Custody = env.Journal, founding.Custody
	seq, hash := j.Head()
	v.Head, v.HeadHash = seq, hex.EncodeToString(hash[:8])
	last, err := journal.LastClosing(ctx, q, journal.KindCloseDay)
	switch {
	case err == nil:
		v.Closing, v.ClosedAt = last.Number, last.At
	case fault.KindOf(err) != fault.NotFound:
		return err
	}
	return s.page(c, http.StatusOK, "about", v)
}

package web

import (
	"encoding/base64"
	"encoding/hex"

	"github.com/gofiber/fiber/v2"

	"comptoir/receipts/journal"
)

// Entries of the journal in one answer.
const (
	entriesDefault = 1000
	entriesMost    = 10_000
)

// journalEntry is one signed entry: the exact bytes, so that a stranger can verify them.
type journalEntry struct {
	Seq   int64        `json:"seq"`
	Kind  journal.Kind `json:"kind"`
	Canon string       `json:"canon"` // standard base64
	Hash  string       `json:"hash"`  // hex
	Sig   string       `json:"sig"`   // base64url, without padding
}

type journalHead struct {
	Seq  int64  `json:"seq"`
	Hash string `json:"hash"` // hex
}

type journalAnswer struct {
	Entries []journalEntry `json:"entries"`
	Head    journalHead    `json:"head"`
}

// getJournal answers entries from a seq on. The head is read first: entries may go beyond it.
func (s *Server) getJournal(c *fiber.Ctx) (journalAnswer, error) {
	from, err := queryInt(c, "from", 0, 0, 1<<62)
	if err != nil {
		return journalAnswer{}, err
	}
	limit, err := queryInt(c, "limit", entriesDefault, 1, entriesMost)
	if err != nil {
		return journalAnswer{}, err
	}
	seq, hash := s.till.Journal().Head()
	entries, err := journal.Entries(c.UserContext(), s.till.DB().Reader(), from, int(limit))
	if err != nil {
		return journalAnswer{}, err
	}
	answer := journalAnswer{Entries: make([]journalEntry, len(entries)), Head: journalHead{seq, hex.EncodeToString(hash[:])}}
	for i, e := range entries {
		answer.Entries[i] = journalEntry{
			Seq: e.Seq, Kind: e.Kind, Canon: base64.StdEncoding.EncodeToString(e.Canon),
			Hash: hex.EncodeToString(e.Hash[:]), Sig: base64.RawURLEncoding.EncodeToString(e.Sig),
		}
	}
	return answer, nil
}

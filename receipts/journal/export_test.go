package journal_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"comptoir/data"
	"comptoir/receipts/journal"
)

func (c *cafe) export() []string {
	c.tb.Helper()
	var out bytes.Buffer
	err := c.db.Snapshot(c.tb.Context(), func(ctx context.Context, q data.Querier) error { return journal.Export(ctx, q, &out) })
	if err != nil {
		c.tb.Fatal(err)
	}
	return strings.Split(out.String(), "\n")
}

func TestAnExportHoldsEveryRowAsItIsStored(t *testing.T) {
	c := served(t)
	entries := c.entries()
	lines := c.export()
	for i, e := range entries {
		want := fmt.Sprintf(`{"seq":%d,"canon":"%s","hash":"%s","sig":"%s"}`, e.Seq, base64.StdEncoding.EncodeToString(e.Canon),
			hex.EncodeToString(e.Hash[:]), base64.RawURLEncoding.EncodeToString(e.Sig))
		if lines[i+1] != want {
			t.Errorf("line %d: got %s, want %s", i+2, lines[i+1], want)
		}
	}
	end := lines[len(lines)-2]
	documents := len(lines) - 3 - len(entries) // but the head, the end and what is behind its line feed
	if want := fmt.Sprintf(`{"end":true,"entries":%d,"documents":%d,"keys":0,"skipped":0,"marks":0}`, len(entries), documents); end != want || documents < 5 {
		t.Errorf("the last line is %s, want %s", end, want)
	}
}

// What was altered is what a verifier is to see.
func TestAnExportOfAnAlteredJournalIsNotMended(t *testing.T) {
	c := served(t)
	exec(t, c.db, `UPDATE journal SET canon = x'00', hash = zeroblob(32), sig = x'01' WHERE seq = 0`, `DELETE FROM journal WHERE seq = 2`,
		`UPDATE documents SET series = '"', n = 99 WHERE seq = 3`)
	all := strings.Join(c.export(), "\n")
	for _, want := range []string{
		`{"format":"cafe-fiscal/1","journal":""}`, `{"seq":0,"canon":"AA==","hash":"` + strings.Repeat("0", 64) + `","sig":"AQ"}`, `{"series":"\"","year":2026,"n":99,"seq":3}`,
	} {
		if !strings.Contains(all, want+"\n") {
			t.Errorf("no line %s in\n%s", want, all)
		}
	}
	if strings.Contains(all, `{"seq":2,`) {
		t.Error("a deleted entry is there")
	}
}

// full is a disk on which nothing can be written.
type full struct{}

var errFull = errors.New("no space left")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestAnExportThatCannotBeWrittenSaysSo(t *testing.T) {
	c := served(t)
	err := c.db.Snapshot(t.Context(), func(ctx context.Context, q data.Querier) error { return journal.Export(ctx, q, full{}) })
	if !errors.Is(err, errFull) {
		t.Errorf("got %v", err)
	}
}

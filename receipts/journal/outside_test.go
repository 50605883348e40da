package journal_test

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"slices"
	"testing"

	"comptoir/data/fault"
	"comptoir/receipts/journal"
)

func TestEntriesOfAKindAreFoundAmongAllOthers(t *testing.T) {
	t.Parallel()
	c := found(t)
	c.append(sale(line("a", `dit "kind":"EVENT"`, 1, 100, 1000)), event(journal.EventDrawerOpen), sale(line("b", "b", 1, 100, 1000)), event(journal.EventDrawerOpen))
	for _, tc := range []struct {
		from, to int64
		kinds    []journal.Kind
		want     []int64
	}{
		{0, 10, []journal.Kind{journal.KindEvent}, []int64{2, 4}},
		{0, 3, []journal.Kind{journal.KindEvent}, []int64{2}},
		{0, 10, []journal.Kind{journal.KindTicket, journal.KindGenesis}, []int64{0, 1, 3}},
		{0, 10, []journal.Kind{journal.KindResume}, nil},
		{0, 10, []journal.Kind{journal.KindArchive, journal.KindKeyRotate, journal.KindSuspAdjust}, nil}, // each found by the index, or the query fails
		{0, 10, []journal.Kind{journal.KindResume, journal.KindEvent, journal.KindGenesis}, []int64{0, 2, 4}},
	} {
		all, err := journal.OfKinds(t.Context(), c.db.Reader(), tc.from, tc.to, tc.kinds...)
		var got []int64
		for _, e := range all {
			got = append(got, e.Seq)
		}
		if err != nil || !slices.Equal(got, tc.want) {
			t.Errorf("%v in %d–%d: %v, %v, want %v", tc.kinds, tc.from, tc.to, got, err, tc.want)
		}
	}
}

func TestTheNewestDocumentOfEachSeriesComesBefore(t *testing.T) {
	t.Parallel()
	c := found(t)
	c.append(sale(line("a", "a", 1, 100, 1000)), sale(line("b", "b", 1, 100, 1000)), event(journal.EventDrawerOpen), sale(line("c", "c", 1, 100, 1000)))
	for before, want := range map[int64]string{1: "", 2: "T26-000001", 4: "T26-000002", 9: "T26-000003"} {
		all, err := journal.NewestDocuments(t.Context(), c.db.Reader(), before)
		got := ""
		for _, e := range all {
			got += e.Number
		}
		if err != nil || got != want {
			t.Errorf("before %d: %q, %v, want %q", before, got, err, want)
		}
	}
}

func TestAFileIsSignedButNeverAnEntry(t *testing.T) {
	t.Parallel()
	c := found(t)
	genesis, err := journal.Founding(t.Context(), c.db.Reader())
	if err != nil {
		t.Fatal(err)
	}
	public, err := journal.ReadPublicKey(genesis.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	text := []byte("{\"format\": \"x\"}\n")
	sig, err := c.j.SignFile(text)
	sum := sha256.Sum256(text)
	if err != nil || c.j.KeyID() != "k1" || !ecdsa.VerifyASN1(public, sum[:], sig) {
		t.Errorf("key %s, %v: not signed by the key of the genesis", c.j.KeyID(), err)
	}
	if _, err := c.j.SignFile([]byte("cafe-fiscal/1\n{}")); fault.CodeOf(err) != "journal.rule" {
		t.Errorf("an entry was signed as a file: %v", err)
	}
}

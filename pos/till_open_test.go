package pos

import (
	"context"
	"strings"
	"testing"

	"comptoir/data"
)

// TestALogIsReadOnce: the first connection of all reads the whole log that a killed process left behind, those that join it do
// not. So what the genesis was read by is open while the café is opened, and closed afterwards.
func TestALogIsReadOnce(t *testing.T) {
	ctx := t.Context()
	config := Config{Dir: t.TempDir()}
	id := Identity{Name: "Log", SIRET: strings.Repeat("0", 14), VATRegime: "simplified", Demo: true}
	if err := Found(ctx, config, id, NewOperator{Name: "Manager", PIN: "9999", Role: RoleManager}); err != nil {
		t.Fatal(err)
	}
	found, err := find(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	reads := func() error {
		var one int
		return found.db.Reader().QueryRow(ctx, `SELECT 1`).Scan(&one)
	}
	db, err := found.open(ctx, func(ctx context.Context, o data.Options) (*data.DB, error) {
		db, err := data.Open(ctx, o)
		if err := reads(); err != nil {
			t.Errorf("closed before the café is open: %v", err)
		}
		return db, err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := reads(); err == nil {
		t.Error("still open when the café is")
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

package journal

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
)

// systemOp is the operator code of what the till does by itself.
const systemOp = "sys"

// noPrev is prev of the genesis.
const noPrev = "0000000000000000000000000000000000000000000000000000000000000000"

// Identity is the café as its genesis states it for ever (fiscal R1, §6.3). Texts are one line each.
type Identity struct {
	Name        string // trade name; required
	LegalName   string
	Address     string
	SIRET       string // 14 digits; required ("00000000000000" for a demo)
	VATNumber   string
	NAF         string
	VATRegime   string // normal_monthly, normal_quarterly, simplified, franchise or exempt_association
	Demo        bool
	Register    string        // till id; empty: "C1"
	Zone        string        // IANA name; empty: data.DefaultZone
	CutOff      time.Duration // 0: data.DefaultCutOff
	FiscalStart string        // first day of the fiscal year, MM-DD; empty: "01-01"
}

func (id Identity) withDefaults() Identity {
	if id.Register == "" {
		id.Register = "C1"
	}
	if id.Zone == "" {
		id.Zone = data.DefaultZone
	}
	if id.CutOff == 0 {
		id.CutOff = data.DefaultCutOff
	}
	if id.FiscalStart == "" {
		id.FiscalStart = "01-01"
	}
	return id
}

// check returns a fault Invalid "journal.identity" naming each field that cannot stand in a genesis.
func (id Identity) check() error {
	f := fault.New(fault.Invalid, "journal.identity", "the identity of the café is incomplete")
	if id.Name == "" {
		f = f.Field("name", "required")
	}
	if len(id.SIRET) != 14 || strings.Trim(id.SIRET, "0123456789") != "" {
		f = f.Field("siret", "digits_14")
	}
	if !slices.Contains([]string{"normal_monthly", "normal_quarterly", "simplified", "franchise", "exempt_association"}, id.VATRegime) {
		f = f.Field("vat_regime", "one_of")
	}
	if _, err := time.LoadLocation(id.Zone); err != nil || id.Zone == "Local" {
		f = f.Field("zone", "unknown")
	}
	if id.CutOff < 0 || id.CutOff >= 24*time.Hour || id.CutOff%time.Minute != 0 {
		f = f.Field("cut_off", "range")
	}
	if _, err := time.Parse("2006-01-02", "2001-"+id.FiscalStart); err != nil { // 2001: a 29 February comes too rarely
		f = f.Field("fiscal_start", "date")
	}
	if len(f.Fields) > 0 {
		return f
	}
	return nil
}

// Found begins a journal: it makes the signing key (fiscal R23, R24) and writes the genesis and the head file.
// It refuses an incomplete identity (Invalid "journal.identity") and a database that has a genesis (Conflict
// "journal.founded"). A key left by a Found that was cut short is taken up again: it has signed nothing.
func Found(ctx context.Context, db *data.DB, cfg Config, id Identity) error {
	id = id.withDefaults()
	if err := id.check(); err != nil {
		return err
	}
	if err := vacant(ctx, db.Reader()); err != nil {
		return err
	}
	key, err := openKey(cfg.Dir, firstKey)
	if fault.CodeOf(err) == "journal.key_missing" {
		key, err = createKey(cfg.Dir, firstKey)
	}
	if err != nil {
		return err
	}
	var head Anchor
	err = db.Write(ctx, func(ctx context.Context, tx *data.Tx) error {
		if err := vacant(ctx, tx); err != nil {
			return err
		}
		head, err = begin(ctx, tx, cfg, id, key)
		return err
	})
	if err != nil {
		return err
	}
	return head.write(filepath.Join(cfg.Dir, headName))
}

func vacant(ctx context.Context, q data.Querier) error {
	var n int64
	if err := q.QueryRow(ctx, `SELECT count(*) FROM (SELECT 1 FROM journal LIMIT 1)`).Scan(&n); err != nil {
		return fmt.Errorf("look for a genesis: %w", err)
	}
	if n > 0 {
		return fault.New(fault.Conflict, "journal.founded", "this database has a journal already")
	}
	return nil
}

// begin writes the genesis.
func begin(ctx context.Context, tx *data.Tx, cfg Config, id Identity, key *ecdsa.PrivateKey) (Anchor, error) {
	zone, err := time.LoadLocation(id.Zone)
	if err != nil {
		return Anchor{}, fmt.Errorf("zone: %w", err)
	}
	public, err := encodePublic(&key.PublicKey)
	if err != nil {
		return Anchor{}, err
	}
	now := tx.Now()
	env := Envelope{
		V: SchemaVersion, Journal: tx.NewID(), Reg: id.Register, SIRET: id.SIRET, Seq: 0, Prev: noPrev, Kind: KindGenesis,
		TS: now.Format(stampLayout), TZ: offset(now, zone), Day: tx.Day(), Op: systemOp, Software: cfg.Software,
		Core: CoreVersion, Key: firstKey,
		Body: GenesisBody{
			Address: id.Address, Custody: keyCustody, CutOff: int(id.CutOff / time.Minute), Demo: id.Demo,
			FiscalStart: id.FiscalStart, LegalName: id.LegalName, NAF: id.NAF, Name: id.Name, PublicKey: public,
			SIRET: id.SIRET, VATNumber: id.VATNumber, VATRegime: id.VATRegime, Zone: id.Zone,
		},
	}
	e, err := sign(newEncoder(), key, env)
	if err != nil {
		return Anchor{}, err
	}
	if err := insert(ctx, tx, e); err != nil {
		return Anchor{}, err
	}
	return Anchor{Journal: env.Journal, Seq: 0, Hash: e.Hash, At: now}, nil
}

// offset returns the minutes a zone is east of UTC at an instant.
func offset(at time.Time, zone *time.Location) int {
	_, seconds := at.In(zone).Zone()
	return seconds / 60
}

// sign seals and signs env.
func sign(enc *encoder, key *ecdsa.PrivateKey, env Envelope) (Entry, error) {
	canon, hash, err := enc.seal(env)
	if err != nil {
		return Entry{}, err
	}
	sig, err := ecdsa.SignASN1(rand.Reader, key, hash[:])
	if err != nil {
		return Entry{}, fmt.Errorf("sign entry %d: %w", env.Seq, err)
	}
	return Entry{Seq: env.Seq, Kind: env.Kind, Hash: hash, Sig: sig, Canon: canon, Day: env.Day, Training: env.Training}, nil
}

func insert(ctx context.Context, tx *data.Tx, e Entry) error {
	if _, err := tx.Exec(ctx, `INSERT INTO journal (seq, canon, hash, sig) VALUES (?, ?, ?, ?)`,
		e.Seq, e.Canon, e.Hash[:], e.Sig); err != nil {
		return fmt.Errorf("write entry %d: %w", e.Seq, err)
	}
	return nil
}

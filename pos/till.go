package pos

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/loyalty"
	"comptoir/receipts/archive"
	"comptoir/receipts/journal"
	"comptoir/receipts/spool"
	"comptoir/suspended"
)

// Identity is the café as its genesis states it.
type Identity = journal.Identity

// Config says where the café's data live and how the till is reached.
type Config struct {
	Dir       string       // data directory of the café
	HeadDir   string       // folder on another medium for a second head file; empty: none
	PublicURL string       // address of the public pages, without a slash at the end; codes on receipts lead there
	Software  string       // product and version, as the journal states them
	Clock     data.Clock   // nil: the machine's
	Random    io.Reader    // of codes; nil: crypto/rand
	Log       *slog.Logger // nil: discarded
	Upgrading func()       // told by Open before data of an older release are brought up to date, which may take minutes; nil: nobody

	VFS      string                // as data.Options
	MaxBatch int                   // as data.Options
	Fault    func(data.Step) error // as data.Options

	Weaknesses []data.Weakness // of the crash harness, which plants bugs to find them; nobody else names one

	Free func(folder string) (int64, error) // bytes free on a disk, for archives; nil: the system's. For tests.
}

// Till is the open café.
type Till struct {
	db        *data.DB
	journal   *journal.Journal // nil when opened read-only
	identity  Identity
	config    Config
	ticketNo  *data.Cell[ticketNo]
	kitchen   *data.Cell[kitchenState]
	printers  *data.Cell[printerState]  // nil when opened read-only
	training  *data.Cell[trainingState] // nil when opened read-only
	menu      atomic.Pointer[keptMenu]  // the committed menu; nil until it is asked for
	tokens    atomic.Pointer[sync.Map]  // operators by the hash of a token that was asked for; nil until one is
	pins      *pinGuard
	secret    secret
	archives  archives
	rejected  atomic.Pointer[[32]byte]    // digest of the last input that could not be read
	closed    atomic.Pointer[string]      // business day on which dormant cards were looked for last
	forgot    atomic.Pointer[string]      // and old answers
	told      atomic.Pointer[publication] // of servings today; nil until it is asked for
	served    servings
	keptUntil atomic.Pointer[string] // closed day until which what was served is written down
	booked    atomic.Pointer[books]  // of the days that are closed; nil until the dial is asked for

	reserveAt atomic.Int64 // Unix milliseconds from which the shelf is looked at again for an evening
	stated    statements   // that were asked for
	backsUp   atomic.Bool  // a copy is made at each closing
	backedUp  bell         // rung when it is known what became of one
}

// errNoCafe is told when there is a database without a genesis, or none at all.
var errNoCafe = fault.New(fault.NotFound, "cafe.none", "There is no café in this directory; run comptoir init first.")

func (c Config) options() data.Options {
	o := data.Options{Dir: c.Dir, Clock: c.Clock, Log: c.Log, VFS: c.VFS, MaxBatch: c.MaxBatch, Fault: c.Fault, MaxLeap: maxDaysAhead, Migrated: verifyMigrated}
	for _, weaken := range c.Weaknesses {
		weaken(&o)
	}
	return o
}

// verifyMigrated refuses the migrated copy of an older release's café whose tables are not ours, or whose journal is not as it
// was signed. What the till had seen of its journal before is no reason: the café would stay with the older release for ever.
func verifyMigrated(ctx context.Context, q data.Querier) error {
	if err := data.CheckSchema(ctx, q); err != nil {
		return err
	}
	report, err := journal.Verify(ctx, q, journal.VerifyOptions{})
	if err != nil {
		return fmt.Errorf("verify the migrated journal: %w", err)
	}
	if report.Conform {
		return nil
	}
	marks, err := journal.Marks(ctx, q)
	if err != nil {
		return err
	}
	for _, m := range marks {
		if m.Code == journal.EventIntegrityError {
			return nil
		}
	}
	first := report.Anomalies[0]
	return fmt.Errorf("the migrated journal is not as it was signed: %s at %d", first.Check, first.Seq)
}

func (c Config) journal() journal.Config {
	return journal.Config{Dir: c.Dir, Software: c.Software, Log: c.Log, HeadDir: c.HeadDir}
}

// Found creates a café: database, signing key, genesis and the first manager. It happens once; a second time is
// refused with journal.founded. Whether the café is a demonstration is decided here for ever.
func Found(ctx context.Context, c Config, id Identity, manager NewOperator) (err error) {
	if err := checkNewOperator(manager); err != nil {
		return err
	}
	db, err := data.Open(ctx, c.options())
	if err != nil {
		return err
	}
	if err := journal.Found(ctx, db, c.journal(), id); err != nil {
		return errors.Join(err, db.Close())
	}
	if err := db.Close(); err != nil {
		return err
	}
	t, err := Open(ctx, c)
	if err != nil {
		return err
	}
	_, err = t.AddOperator(ctx, System("sys"), manager)
	return errors.Join(err, t.Close())
}

// Open opens a café for selling. Refusals: cafe.none, those of data.Open, data.schema, secret.unusable, and those of journal.Open; after some
// of them a manager can go on: see IsHeld.
func Open(ctx context.Context, c Config) (_ *Till, err error) {
	found, err := find(ctx, c)
	if fault.CodeOf(err) == "data.older" {
		if c.Upgrading != nil {
			c.Upgrading()
		}
		if err := migrate(ctx, c); err != nil {
			return nil, err
		}
		found, err = find(ctx, c)
	}
	if err != nil {
		return nil, err
	}
	db, err := found.open(ctx, data.Open)
	if err != nil {
		return nil, err
	}
	t := newTill(db, c, found.genesis)
	defer func() {
		if err != nil {
			err = errors.Join(err, t.Close())
		}
	}()
	if err := data.CheckSchema(ctx, db.Reader()); err != nil {
		return nil, err
	}
	keeping := c.journal()
	keeping.Facts = t.closeFacts
	if t.journal, err = journal.Open(ctx, db, keeping); err != nil {
		return nil, err
	}
	if t.secret, err = openSecret(c.Dir); err != nil {
		return nil, err
	}
	if t.ticketNo, err = data.NewCell(ctx, db, loadTicketNo); err != nil {
		return nil, err
	}
	if t.kitchen, err = data.NewCell(ctx, db, loadKitchenState); err != nil {
		return nil, err
	}
	if t.printers, err = data.NewCell(ctx, db, loadPrinters); err != nil {
		return nil, err
	}
	if t.training, err = data.NewCell(ctx, db, loadTraining); err != nil {
		return nil, err
	}
	made, err := archive.List(ctx, db.Reader())
	if err != nil {
		return nil, err
	}
	if err := archive.Settle(t.archiveFolder(), made); err != nil {
		return nil, err
	}
	t.warmMenu(ctx)
	return t, nil
}

// migrate brings a café of an older release up to this one's tables. The genesis, which says how its days are counted,
// can only be read afterwards; a migration knows no days.
func migrate(ctx context.Context, c Config) error {
	db, err := data.Open(ctx, c.options())
	if err != nil {
		return err
	}
	return db.Close()
}

// OpenReadOnly opens a café beside a running service, for doctor, verify and exports.
func OpenReadOnly(ctx context.Context, c Config) (*Till, error) {
	found, err := find(ctx, c)
	if err != nil {
		return nil, err
	}
	db, err := found.open(ctx, data.OpenReadOnly)
	if err != nil {
		return nil, err
	}
	return newTill(db, c, found.genesis), nil
}

// founded is what the genesis of a café says of how it is to be opened.
type founded struct {
	opts    data.Options
	genesis journal.GenesisBody
	db      *data.DB // by which it was read
}

// find reads the genesis, which says in which zone and from which hour the café counts its days.
func find(ctx context.Context, c Config) (f founded, err error) {
	f.opts = c.options()
	if f.db, err = data.OpenReadOnly(ctx, f.opts); fault.CodeOf(err) == "data.absent" {
		return f, errNoCafe.With("dir", c.Dir)
	}
	if err != nil {
		return f, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.db.Close())
		}
	}()
	if f.genesis, err = journal.Founding(ctx, f.db.Reader()); fault.CodeOf(err) == "journal.unfounded" {
		return f, errNoCafe.With("dir", c.Dir)
	}
	if err != nil {
		return f, err
	}
	if f.opts.Zone, err = time.LoadLocation(f.genesis.Zone); err != nil {
		return f, fmt.Errorf("zone of the genesis: %w", err)
	}
	f.opts.CutOff = time.Duration(f.genesis.CutOff) * time.Minute
	return f, nil
}

// open opens the café as it is to be opened, and only then closes what the genesis was read by: the first connection of all
// reads the whole log that a killed process left behind, and those that join it do not.
func (f founded) open(ctx context.Context, open func(context.Context, data.Options) (*data.DB, error)) (*data.DB, error) {
	db, err := open(ctx, f.opts)
	closing := f.db.Close()
	switch {
	case err != nil:
		return nil, err
	case closing != nil:
		return nil, errors.Join(closing, db.Close())
	}
	return db, nil
}

func newTill(db *data.DB, c Config, g journal.GenesisBody) *Till {
	c.PublicURL = strings.TrimSuffix(c.PublicURL, "/")
	if c.Random == nil {
		c.Random = rand.Reader
	}
	t := &Till{db: db, config: c, pins: newPinGuard(), archives: archives{halt: make(chan struct{})}, identity: Identity{
		Name: g.Name, LegalName: g.LegalName, Address: g.Address, SIRET: g.SIRET, VATNumber: g.VATNumber, NAF: g.NAF,
		VATRegime: g.VATRegime, Demo: g.Demo, Zone: g.Zone, CutOff: time.Duration(g.CutOff) * time.Minute, FiscalStart: g.FiscalStart,
	}}
	db.RegisterCheck(suspended.Checks()...)
	db.RegisterCheck(suspended.PartnerChecks()...)
	db.RegisterCheck(loyalty.Checks()...)
	db.RegisterCheck(journal.Checks()...)
	db.RegisterCheck(spool.Checks()...)
	db.RegisterCheck(archive.Checks()...)
	db.RegisterCheck(archive.FolderCheck(t.archiveFolder()))
	db.RegisterCheck(checks()...)
	db.RegisterCheck(data.SchemaCheck())
	db.OnCommit(t.forgetMenu)
	db.OnCommit(t.forgetTokens)
	return t
}

// Close writes the journal's head a last time and closes the database.
func (t *Till) Close() error {
	var err error
	if t.journal != nil {
		err = t.journal.Close()
	}
	return errors.Join(err, t.db.Close())
}

// DB returns the café's database.
func (t *Till) DB() *data.DB { return t.db }

// Journal returns the café's journal; nil when the till was opened read-only.
func (t *Till) Journal() *journal.Journal { return t.journal }

// Identity returns the café as its genesis states it.
func (t *Till) Identity() Identity { return t.identity }

// Software returns the product and its version, as each entry of the journal states them.
func (t *Till) Software() string { return t.config.Software }

// PublicURL returns the address of the public pages, without a slash at the end.
func (t *Till) PublicURL() string { return t.config.PublicURL }

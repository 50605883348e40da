package simulation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"comptoir/data"
	"comptoir/data/datatest/faultvfs"
	"comptoir/data/fault"
	"comptoir/pos"
)

// HistoryName is the café of every history, so that nothing else is taken for one.
const HistoryName = "HISTORY"

// HistoryPlan is a café with many years behind it. The same plan sells the same; sales of one minute may change places.
type HistoryPlan struct {
	Sales int       `json:"sales"` // over all years, MinSales to MaxSales
	Years int       `json:"years"` // 1 to MaxYears
	Seed  uint64    `json:"seed"`
	Until time.Time `json:"until"` // its last day, at midnight UTC; must be over
}

// Limits of a history.
const (
	MinSales = 100
	MaxSales = 5_000_000

	saleSpace  = 6 << 10    // bytes of the disk that a sale takes while a history is made, archives and log included; generous
	spareSpace = 1024 << 20 // that are left free in any case

	sellers  = 128 // hands that sell at once: while one commit of 64 is made the next gathers
	perCard  = 300 // sales on one card over all the years, as a regular's
	cardsMin = 20

	stateName = "history.json"
	demoDir   = "demo"
)

// Check says what a plan cannot be. The names are those of the flags.
func (p HistoryPlan) Check() error {
	switch {
	case p.Sales < MinSales || p.Sales > MaxSales:
		return fmt.Errorf("--rows is from %d to %d sales", MinSales, MaxSales)
	case p.Years < 1 || p.Years > MaxYears:
		return errors.New("--years is from 1 to 10")
	}
	return nil
}

// Space is how many bytes must be free before a history is begun.
func (p HistoryPlan) Space() int64 { return int64(p.Sales)*saleSpace + spareSpace }

func (p HistoryPlan) first() time.Time { return p.Until.AddDate(-p.Years, 0, 1) }
func (p HistoryPlan) days() int        { return int(p.Until.Sub(p.first()).Hours()/24) + 1 }

// sales is how many are sold on a day: as evenly as whole numbers allow.
func (p HistoryPlan) sales(nth int) int { return p.Sales*(nth+1)/p.days() - p.Sales*nth/p.days() }

// cards is how many regulars there are: each has as long a history as any, whatever the café's size.
func (p HistoryPlan) cards() int { return max(p.Sales*6/10/perCard, cardsMin) }

// History is what was made.
type History struct {
	Plan    HistoryPlan `json:"plan"`
	Days    int         `json:"days"`    // that were lived
	Sold    int         `json:"sold"`    // sales of those days
	Entries int64       `json:"entries"` // of the journal
	Bytes   int64       `json:"bytes"`   // of the database
	Cards   []string    `json:"cards"`   // codes of the regulars
	Done    bool        `json:"done"`    // all days were lived, and everything is on the disk
}

// ReadHistory reads what a folder says of the history in it.
func ReadHistory(dir string) (h History, err error) {
	text, err := os.ReadFile(filepath.Join(dir, stateName))
	if err != nil {
		return h, err
	}
	if err := json.Unmarshal(text, &h); err != nil {
		return h, fmt.Errorf("%s: %w", filepath.Join(dir, stateName), err)
	}
	return h, nil
}

func (h History) write(dir string) error {
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return data.ReplaceFile(filepath.Join(dir, stateName), text)
}

// maker makes a history.
type maker struct {
	*cafe
	plan     HistoryPlan
	out      string
	h        History
	archived chan error // of the archives that are made beside the selling; nil: none are
}

// Make lives all the days of a plan in a folder, or goes on with the history that is there, and returns it. Every sale,
// stamp, gift, serving, refund and closing goes through pos, on a disk that syncs nothing until the end: a power cut
// leaves nothing of use, a killed process a history that is gone on with from the day after. told is called after each
// month with what was made so far.
//
// Errors: a plan that cannot be; a folder with another plan's history, or with anything else.
func Make(ctx context.Context, p HistoryPlan, dir string, told func(History)) (h History, err error) {
	if err := p.Check(); err != nil {
		return h, err
	}
	m, err := resume(ctx, p, dir)
	if err != nil {
		return h, err
	}
	if m.h.Done {
		return m.h, m.halt()
	}
	if err = m.live(ctx, told); err == nil {
		err = m.verify(ctx)
	}
	if closing := m.halt(); err == nil {
		err = closing
	}
	if err != nil {
		return m.h, err
	}
	if err := syncAll(dir); err != nil {
		return m.h, err
	}
	m.h.Done = m.h.Days == p.days()
	return m.h, m.h.write(dir)
}

// resume opens the history of a folder, or begins one.
func resume(ctx context.Context, p HistoryPlan, dir string) (m *maker, err error) {
	m = &maker{plan: p, out: dir, h: History{Plan: p}, cafe: &cafe{plan: Founders(), menu: map[string]product{}}}
	begun := p.first().Add(7 * time.Hour)
	m.clock = NewClock(begun)
	there, err := ReadHistory(dir)
	switch {
	case err == nil && there.Plan != p:
		return nil, fmt.Errorf("%s holds the history of another plan: %d sales over %d years until %s, seed %d", dir, there.Plan.Sales, there.Plan.Years, there.Plan.Until.Format(time.DateOnly), there.Plan.Seed)
	case err == nil:
		m.h = there
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	default:
		if left, err := os.ReadDir(dir); err == nil && len(left) > 0 {
			return nil, fmt.Errorf("%s is not empty, and holds no history", dir)
		}
	}
	if m.h.Done { // nothing is opened: a bench may have let days pass since
		return m, nil
	}
	if m.zone, err = time.LoadLocation(data.DefaultZone); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if m.disk, err = faultvfs.New("history-" + filepath.Base(dir) + "-" + fmt.Sprint(p.Sales)); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, m.halt())
		}
	}()
	m.disk.SkipSyncs()
	return m, m.open(ctx, m.h.Days == 0)
}

// open opens the café, and founds it first where there is none.
func (m *maker) open(ctx context.Context, found bool) (err error) {
	config := pos.Config{Dir: filepath.Join(m.out, demoDir), Software: "comptoir/history", VFS: m.disk.Name(), Clock: m.clock, PublicURL: "http://history.invalid"}
	if found {
		id := pos.Identity{Name: HistoryName, SIRET: strings.Repeat("0", 14), VATRegime: "simplified", Demo: true}
		if err := pos.Found(ctx, config, id, pos.NewOperator{Name: "Manager", PIN: "9999", Role: pos.RoleManager}); err != nil {
			return err
		}
	}
	if !found {
		if err := m.reached(ctx, config); err != nil {
			return err
		}
	}
	if m.till, err = pos.Open(ctx, config); err != nil {
		return err
	}
	if found {
		return m.begin(ctx)
	}
	if err := m.remember(ctx); err != nil {
		return err
	}
	return m.abandon(ctx)
}

// reached finds how far a process came that may have been killed before it wrote that down, and moves the clock there. The day
// it was in the middle of is not gone back to.
func (m *maker) reached(ctx context.Context, config pos.Config) error {
	till, err := pos.OpenReadOnly(ctx, config)
	if err != nil {
		return err
	}
	today, err := time.Parse(time.DateOnly, till.DB().Today()) // the newest day that was written: the clock still stands before all of them
	if err = errors.Join(err, till.Close()); err != nil {
		return err
	}
	m.h.Days = max(m.h.Days, int(today.Sub(m.plan.first()).Hours()/24)+1)
	m.h.Sold = m.plan.Sales * m.h.Days / m.plan.days()
	m.clock.Reach(m.morning(m.h.Days))
	return nil
}

// begin furnishes the café and gives the regulars their cards.
func (m *maker) begin(ctx context.Context) error {
	if err := m.furnish(ctx); err != nil {
		return err
	}
	for range m.plan.cards() {
		card, err := m.till.NewCard(ctx, m.by())
		if err != nil {
			return fmt.Errorf("new card: %w", err)
		}
		m.h.Cards = append(m.h.Cards, card.Code)
	}
	return m.h.write(m.out)
}

// remember finds who works here and what is on the menu.
func (m *maker) remember(ctx context.Context) error {
	staff, err := m.till.Operators(ctx)
	if err != nil {
		return err
	}
	for _, o := range staff {
		if o.Role == pos.RoleManager {
			m.manager = o
		} else {
			m.barista = o
		}
	}
	menu, err := m.till.Menu(ctx)
	if err != nil {
		return err
	}
	for _, p := range menu.Products {
		m.menu[p.ID] = product{id: p.ID, class: p.SuspendClass, price: p.Price, cost: p.Cost}
	}
	return nil
}

// abandon closes the shift of a day in the middle of which a process was killed.
func (m *maker) abandon(ctx context.Context) error {
	_, err := m.till.CurrentShift(ctx)
	if err == nil {
		_, err = m.till.CloseShift(ctx, m.named(m.barista, m.h.Days, "abandoned"), nil)
	} else if fault.CodeOf(err) == "shift.none" {
		err = nil
	}
	if err != nil {
		return fmt.Errorf("close the shift that was left: %w", err)
	}
	return nil
}

func (m *maker) morning(nth int) time.Time {
	y, month, d := m.plan.first().AddDate(0, 0, nth).Date()
	return time.Date(y, month, d, 8, 0, 0, 0, m.zone)
}

// live lives what is left of the plan, a day after the other.
func (m *maker) live(ctx context.Context, told func(History)) error {
	for ; m.h.Days < m.plan.days(); m.h.Days++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := m.day(ctx, m.h.Days); err != nil {
			return fmt.Errorf("%s: %w", m.morning(m.h.Days).Format(time.DateOnly), err)
		}
		m.h.Sold += m.plan.sales(m.h.Days)
		if m.plan.first().AddDate(0, 0, m.h.Days+1).Day() != 1 && m.h.Days+1 < m.plan.days() {
			continue
		}
		if err := m.month(ctx); err != nil {
			return err
		}
		if told != nil {
			told(m.h)
		}
	}
	return nil
}

// month does what a month leaves behind: the archive of the one that was closed, beside the sales of the next; it keeps
// how far it came.
func (m *maker) month(ctx context.Context) error {
	if err := m.archive(); err != nil {
		return err
	}
	m.archived = make(chan error, 1)
	go func() {
		_, err := m.till.ArchiveDue(ctx)
		m.archived <- err
	}()
	m.h.Entries, _ = m.till.Journal().Head()
	if info, err := os.Stat(filepath.Join(m.out, demoDir, "till.db")); err == nil {
		m.h.Bytes = info.Size()
	}
	h := m.h
	h.Days++ // this day is over
	return h.write(m.out)
}

// verify verifies every entry, as the service does once a week: what is made is held against its own signatures.
func (m *maker) verify(ctx context.Context) error {
	if err := m.archive(); err != nil {
		return err
	}
	report, err := m.till.VerifyJournal(ctx, true)
	if err == nil && !report.Conform {
		err = fmt.Errorf("the journal is not as it was signed: %+v", report.Anomalies)
	}
	return err
}

// archive waits for the archives that are being made.
func (m *maker) archive() error {
	if m.archived == nil {
		return nil
	}
	err := <-m.archived
	m.archived = nil
	if err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	return nil
}

// halt closes the café; the folder stays.
func (m *maker) halt() error {
	err := m.archive()
	m.dir = ""
	return errors.Join(err, m.close())
}

// syncAll asks the disk to keep every file of a folder, and the folders themselves.
func syncAll(dir string) error {
	return filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return data.SyncFile(path)
	})
}

// soldOut reports that a class ran out: nobody is served then.
func soldOut(err error) bool { return fault.CodeOf(err) == "product.sold_out" }

// draw gives each day a stream of its own.
func (p HistoryPlan) draw(nth int) *rand.Rand {
	return rand.New(rand.NewPCG(p.Seed, uint64(nth))) //nolint:gosec // the same seed must draw the same
}

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"comptoir/data"
	"comptoir/data/datatest/faultvfs"
	"comptoir/data/money"
	"comptoir/data/seed"
	"comptoir/pos"
)

// The rig's café.
const (
	groupBatch = 64  // closures in one commit, as the service runs
	rigCards   = 500 // the regulars of a café: no card gets more stamps than one gets in ten years
	rigWarmUp  = 200 // sales before anything is counted: pages, statements and menu are in memory
	saleLines  = 3
)

// rig is a café in a temporary directory, on a disk that counts and can be slowed down.
type rig struct {
	name  string
	dir   string
	disk  *faultvfs.FS
	till  *pos.Till
	by    pos.Operator
	order pos.SellRequest // three lines, one of them a meal, one tender
	cards []string
	bare  *os.File
	buf   []byte // of a bare write: the log bytes of one sale
	wrote int
	ids   atomic.Int64
}

// openRig makes the café: sample menu, an open shift, cards, and a few sales.
func openRig(ctx context.Context, name string, batch int) (_ *rig, err error) {
	r := &rig{name: name}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close())
		}
	}()
	if r.dir, err = os.MkdirTemp("", "comptoir-bench-"); err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	if r.disk, err = faultvfs.New("bench-" + filepath.Base(r.dir)); err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	config := pos.Config{Dir: filepath.Join(r.dir, demoFolder), Software: software, VFS: r.disk.Name(), MaxBatch: batch}
	id := pos.Identity{Name: "BENCH", SIRET: strings.Repeat("0", 14), VATRegime: "simplified", Demo: true}
	if err := pos.Found(ctx, config, id, pos.NewOperator{Name: demoManager, PIN: demoManagerPIN, Role: pos.RoleManager}); err != nil {
		return nil, err
	}
	if r.till, err = pos.Open(ctx, config); err != nil {
		return nil, err
	}
	if err := r.furnish(ctx); err != nil {
		return nil, err
	}
	before := r.disk.Counts().WAL.Bytes
	for range rigWarmUp {
		if err := r.sell(ctx); err != nil {
			return nil, err
		}
	}
	r.buf = make([]byte, (r.disk.Counts().WAL.Bytes-before)/rigWarmUp)
	r.bare, err = os.Create(filepath.Join(r.dir, "bare"))
	return r, err
}

func (r *rig) furnish(ctx context.Context) error {
	file, err := pos.ParseMenuCSV(bytes.NewReader(seed.Menu()))
	if err != nil {
		return err
	}
	if _, err := r.till.ImportMenu(ctx, pos.System("sys"), file); err != nil {
		return err
	}
	staff, err := r.till.Operators(ctx)
	if err != nil {
		return err
	}
	r.by = staff[0]
	if _, err := r.till.OpenShift(ctx, pos.By{Operator: r.by}, 0); err != nil {
		return err
	}
	for range rigCards {
		card, err := r.till.NewCard(ctx, r.command())
		if err != nil {
			return err
		}
		r.cards = append(r.cards, card.Code)
	}
	menu, err := r.till.Menu(ctx)
	if err != nil {
		return err
	}
	r.order = typicalOrder(menu)
	if len(r.order.Lines) != saleLines {
		return errors.New("bench: the sample menu has no meal and two more products without a question to answer")
	}
	return nil
}

// typicalOrder is the first meal of the menu and two other things, paid by card.
func typicalOrder(menu pos.Menu) pos.SellRequest {
	request := pos.SellRequest{Mode: pos.EatIn}
	var due money.Cents
	for _, meals := range []int{1, 0} {
		for _, p := range menu.Products {
			wanted := 1
			if meals == 0 {
				wanted = saleLines
			}
			if len(p.Options) == 0 && p.MealUnits == meals && len(request.Lines) < wanted {
				request.Lines = append(request.Lines, pos.LineRequest{Product: p.ID, Qty: 1})
				due += p.Price
			}
		}
	}
	request.Tenders = []pos.Tender{{Means: pos.Card, Amount: due}}
	return request
}

// command is who asks, and an id that was never used.
func (r *rig) command() pos.By {
	id := fmt.Sprintf("bench-%d", r.ids.Add(1))
	return pos.By{Operator: r.by, Command: data.NewCommand(id, []byte(id))}
}

// next is the next sale: its command, and what is asked for, on one card after the other.
func (r *rig) next() (pos.By, pos.SellRequest) {
	request := r.order
	request.Tenders = append([]pos.Tender(nil), r.order.Tenders...) // the till fills in what was given
	by := r.command()
	request.Card = r.cards[int(r.ids.Load())%len(r.cards)]
	return by, request
}

// sell is the whole checkout, in this process.
func (r *rig) sell(ctx context.Context) error {
	by, request := r.next()
	_, err := r.till.Sell(ctx, by, request)
	return err
}

// sample is one case of one round.
type sample struct {
	Round     int     `json:"round"`
	Commit    string  `json:"commit"` // group or one
	Clients   int     `json:"clients"`
	Delay     float64 `json:"delay_ms"`
	Sales     int     `json:"sales"`
	PerSecond float64 `json:"sales_per_second"`
	P50       float64 `json:"p50_ms"`
	P99       float64 `json:"p99_ms"`
	Syncs     float64 `json:"syncs_per_sale"`
	LogBytes  float64 `json:"log_bytes_per_sale"`
}

// run lets some clients sell for a while, each as soon as its last sale was answered.
func (r *rig) run(ctx context.Context, clients int, delay, during time.Duration) (sample, error) {
	r.disk.DelaySync(delay)
	defer r.disk.DelaySync(0)
	return r.count(ctx, clients, delay, func(began time.Time, _ int) bool { return time.Since(began) < during })
}

// count lets each client sell while more says so, and counts what the disk was asked for.
func (r *rig) count(ctx context.Context, clients int, delay time.Duration, more func(began time.Time, sold int) bool) (sample, error) {
	before := r.disk.Counts()
	perClient := make([][]time.Duration, clients)
	errs := make([]error, clients)
	began := time.Now()
	var wg sync.WaitGroup
	for i := range clients {
		wg.Go(func() {
			for ctx.Err() == nil && errs[i] == nil && more(began, len(perClient[i])) {
				from := time.Now()
				errs[i] = r.sell(ctx)
				perClient[i] = append(perClient[i], time.Since(from))
			}
		})
	}
	wg.Wait()
	took := time.Since(began)
	if err := errors.Join(append(errs, ctx.Err())...); err != nil {
		return sample{}, fmt.Errorf("bench: %w", err)
	}
	after := r.disk.Counts()
	var all []time.Duration
	for _, latencies := range perClient {
		all = append(all, latencies...)
	}
	n := float64(len(all))
	return sample{
		Commit: r.name, Clients: clients, Delay: milliseconds(delay), Sales: len(all), PerSecond: n / took.Seconds(),
		P50: milliseconds(quantile(all, 50)), P99: milliseconds(quantile(all, 99)),
		Syncs: float64(after.Syncs()-before.Syncs()) / n, LogBytes: float64(after.WAL.Bytes-before.WAL.Bytes) / n,
	}, nil
}

// Blocks of sales against bare writes.
const (
	bareBlock = 60 // about one checkpoint of an idle writer
	bareSlots = 58 // places in the file that are written in turn, as SQLite's log is
)

// againstBareWrites sells one by one, in blocks that take turns with blocks of as many bare writes of the same bytes
// and a sync, the delay added to both. It returns bare time / sale time for each pair of blocks: at least one.
func (r *rig) againstBareWrites(ctx context.Context, delay, during time.Duration) ([]float64, error) {
	var ratios []float64
	for began := time.Now(); len(ratios) == 0 || time.Since(began) < during; {
		start := time.Now()
		for range bareBlock {
			if err := r.writeBare(delay); err != nil {
				return nil, fmt.Errorf("bench: bare write: %w", err)
			}
		}
		middle := time.Now()
		r.disk.DelaySync(delay)
		for range bareBlock {
			if err := r.sell(ctx); err != nil {
				return nil, err
			}
		}
		r.disk.DelaySync(0)
		ratios = append(ratios, middle.Sub(start).Seconds()/time.Since(middle).Seconds())
	}
	return ratios, nil
}

func (r *rig) writeBare(delay time.Duration) error {
	r.wrote++
	r.buf[r.wrote%len(r.buf)]++
	if _, err := r.bare.WriteAt(r.buf, int64(r.wrote%bareSlots*len(r.buf))); err != nil {
		return err
	}
	if delay > 0 {
		time.Sleep(delay)
	}
	return r.bare.Sync()
}

// close takes everything away again.
func (r *rig) close() error {
	var errs []error
	if r.bare != nil {
		errs = append(errs, r.bare.Close())
	}
	if r.till != nil {
		errs = append(errs, r.till.Close())
	}
	if r.disk != nil {
		errs = append(errs, r.disk.Close())
	}
	if r.dir != "" {
		errs = append(errs, os.RemoveAll(r.dir))
	}
	return errors.Join(errs...)
}

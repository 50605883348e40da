package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"comptoir/cmd/comptoir/internal/simulation"
	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/pos"
	"comptoir/receipts/journal"
)

// site is one history that a process of its own serves, as a café's machine would.
type site struct {
	program, dir string
	history      simulation.History
	chance       *rand.Rand
	round        int

	served  servedHistory
	process *exec.Cmd // nil: not served
	api     *client
	pages   *http.Client
	cookie  string
	order   pos.SellRequest
	numbers []string // of sales of this round
	paid    []float64
	reads   map[string][]float64

	peak    int64 // RSS of the service at its most
	samples []scaleSample
}

func newSite(program, dir string) (*site, error) {
	h, err := simulation.ReadHistory(dir)
	if err != nil {
		return nil, err
	}
	return &site{program: program, dir: dir, history: h, chance: rand.New(rand.NewPCG(1, 2)), reads: map[string][]float64{}, //nolint:gosec // the same cards each time
		pages: &http.Client{Timeout: callTimeout, Transport: &http.Transport{DialContext: fromAnother()},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}, nil
}

// fromAnother dials each connection from another address of this machine: one that looks up more cards in a minute than a guest
// ever does is refused.
func fromAnother() func(context.Context, string, string) (net.Conn, error) {
	var dialed atomic.Int64
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(dialed.Add(1)%250+1))}}
		return d.DialContext(ctx, network, address)
	}
}

// guestLooks is how many cards one guest looks up before the next comes, fewer than make the till suspicious.
const guestLooks = 10

func (s *site) sample(what string, ms float64) {
	s.samples = append(s.samples, scaleSample{s.round, s.history.Sold, what, ms})
}

// start lets the program serve the history, and measures how long until its till answers.
func (s *site) start(ctx context.Context, next bool, what string) error {
	args := []string{"bench", "made", s.dir}
	if next {
		args = append(args, "--next")
	}
	began := time.Now()
	s.process = exec.CommandContext(ctx, s.program, args...) //nolint:gosec // our own program
	s.process.Cancel = func() error { return s.process.Process.Signal(syscall.SIGTERM) }
	var said bytes.Buffer
	s.process.Stderr = &said
	out, err := s.process.StdoutPipe()
	if err != nil {
		return err
	}
	if err := s.process.Start(); err != nil {
		return err
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &s.served)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("the service did not start: %s", strings.TrimSpace(said.String())), s.stop())
	}
	if _, err := s.page(ctx, s.served.Staff+"/login"); err != nil {
		return err
	}
	s.sample(what, milliseconds(time.Since(began)))
	s.api = newClient(s.served.Staff, s.served.Token, 16)
	return nil
}

// Limits of the wait for a service that verifies its journal after the start.
const (
	settleStep  = time.Second
	settleSteps = 1200
)

// settle waits until the service does nothing any more, less than a twentieth of a processor for a while, and has counted what
// the board tells.
func (s *site) settle(ctx context.Context) error {
	last := int64(-1)
	for range settleSteps {
		stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(s.process.Process.Pid), "stat"))
		if err != nil {
			return nil //nolint:nilerr // no such file on this system: it is not waited for
		}
		var used int64 // in hundredths of a second
		if fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:])); len(fields) > 12 {
			for _, f := range fields[11:13] {
				n, _ := strconv.ParseInt(f, 10, 64) // the kernel writes numbers
				used += n
			}
		}
		if last >= 0 && used-last < 5 {
			if _, err := s.page(ctx, s.served.Public+"/board"); err == nil || ctx.Err() != nil {
				return ctx.Err()
			}
		}
		last = used
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(settleStep):
		}
	}
	return nil
}

// morning logs in, opens the shift and lets pages and statements warm up.
func (s *site) morning(ctx context.Context) error {
	if err := s.api.post(ctx, "/shifts", newCommandID(), map[string]any{"float": 0}, new(json.RawMessage)); err != nil && refusal(err) != "shift.open" {
		return err
	}
	var menu pos.Menu
	if err := s.api.get(ctx, "/menu", &menu); err != nil {
		return err
	}
	s.order = typicalOrder(menu)
	body, err := json.Marshal(map[string]string{"operator": "Manager", "pin": "9999"})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.served.Staff+"/api/v1/session", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := s.pages.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	var kept []string
	for _, c := range answer.Cookies() {
		kept = append(kept, c.Name+"="+c.Value)
	}
	if s.cookie = strings.Join(kept, "; "); answer.StatusCode >= http.StatusBadRequest || s.cookie == "" {
		return fmt.Errorf("log in: %s", answer.Status)
	}
	if err := s.sellBlock(ctx, scaleBlock); err != nil { // not counted
		return err
	}
	if err := s.readAll(ctx); err != nil {
		return err
	}
	s.paid, s.reads = nil, map[string][]float64{}
	return nil
}

// sellBlock pays some orders, one after the other, each with a card.
func (s *site) sellBlock(ctx context.Context, n int) error {
	for range n {
		var sale pos.SaleResult
		request := s.order
		request.Card = s.card()
		ms, err := timed(func() error { return s.api.post(ctx, "/sales", newCommandID(), request, &sale) })
		if err != nil {
			return err
		}
		s.paid, s.numbers = append(s.paid, ms), append(s.numbers, sale.Number)
	}
	return nil
}

func (s *site) card() string { return s.history.Cards[s.chance.IntN(len(s.history.Cards))] }

// readAll asks once for each thing that people look at.
func (s *site) readAll(ctx context.Context) error {
	staff, public := s.served.Staff, s.served.Public
	old := s.history.Plan.Until.AddDate(0, 0, -100).Format(time.DateOnly)
	if len(s.reads["card page"])%guestLooks == 0 {
		s.pages.CloseIdleConnections()
		if _, err := s.page(ctx, public+"/board"); err != nil { // who comes next is connected before anything is timed
			return err
		}
	}
	for _, ask := range []struct{ what, url string }{
		{"card page", public + "/C/" + s.card()},
		{"day report", staff + "/api/v1/reports/day"},
		{"till page", staff + "/"},
		{"sale by number", staff + "/sales?q=" + s.numbers[s.chance.IntN(len(s.numbers))]},
		{"sales of a year by amount", staff + "/sales?q=14,20&from=" + s.history.Plan.Until.AddDate(-1, 0, 0).Format(time.DateOnly) + "&to=" + old},
		{"manager's day", staff + "/manage"},
		{"board", public + "/board"},
		{"statements", public + "/statement"},
	} {
		ms, err := s.page(ctx, ask.url)
		if err != nil {
			return err
		}
		s.reads[ask.what] = append(s.reads[ask.what], ms)
	}
	return nil
}

// page asks for a page as whoever has logged in, and reads it to its end.
func (s *site) page(ctx context.Context, url string) (ms float64, err error) {
	return timed(func() error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		request.Header.Set("Cookie", s.cookie)
		answer, err := s.pages.Do(request)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, answer.Body)
		if answer.StatusCode >= http.StatusBadRequest {
			err = errors.Join(err, fmt.Errorf("%s: %s", url, answer.Status))
		}
		return errors.Join(err, answer.Body.Close())
	})
}

// summary makes samples of what was timed by the block.
func (s *site) summary() error {
	s.sample("checkout p50", quantile(s.paid, 50))
	s.sample("checkout p99", quantile(s.paid, 99))
	for what, ms := range s.reads {
		s.sample(what, quantile(ms, 50))
	}
	s.paid, s.reads = nil, map[string][]float64{}
	return nil
}

// closeDay closes the day of the round; the history's own open day, if it was left open, is closed before it.
func (s *site) closeDay(ctx context.Context) error {
	ms, err := timed(func() error {
		return s.api.post(ctx, "/closings", newCommandID(), map[string]string{"level": "day"}, new(json.RawMessage))
	})
	s.sample("Z", ms)
	return err
}

// backupSales is how many sales a p99 beside a backup needs at least: backups follow each other until it has them.
const backupSales = 300

// besideBackup sells while the database is copied as a manager's backup copies it.
func (s *site) besideBackup(ctx context.Context) error {
	place, err := os.MkdirTemp(s.dir, "backup-")
	if err != nil {
		return err
	}
	db, err := data.OpenReadOnly(ctx, data.Options{Dir: filepath.Join(s.dir, demoFolder)})
	if err != nil {
		return errors.Join(err, os.RemoveAll(place))
	}
	for err == nil && len(s.paid) < backupSales {
		over := make(chan error, 1)
		go func() {
			_, err := data.Backup(ctx, db, filepath.Join(place, "till.db"))
			over <- err
		}()
		for copying := true; copying && err == nil; {
			select {
			case err = <-over:
				copying = false
			default:
				err = s.sellBlock(ctx, 1)
			}
		}
	}
	if len(s.paid) > 0 {
		s.sample("checkout p99 beside a backup", quantile(s.paid, 99))
	}
	s.paid = nil
	return errors.Join(err, db.Close(), os.RemoveAll(place))
}

// kill fills the log, behind a reader that keeps it from being emptied, and ends the service as the power would.
func (s *site) kill(ctx context.Context) error {
	reader, err := data.OpenReadOnly(ctx, data.Options{Dir: filepath.Join(s.dir, demoFolder)})
	if err != nil {
		return err
	}
	err = reader.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		if _, err := journal.At(ctx, q, 0); err != nil { // the snapshot begins with its first look
			return err
		}
		for {
			log, err := os.Stat(filepath.Join(s.dir, demoFolder, "till.db-wal"))
			if err == nil && log.Size() < killLog {
				err = s.sellBlock(ctx, scaleBlock)
			}
			if err != nil || log.Size() >= killLog {
				return err
			}
		}
	})
	s.paid = nil
	s.remember()
	err = errors.Join(err, s.process.Process.Kill())
	_ = s.process.Wait() // it was killed
	s.process = nil
	s.api.close()
	s.pages.CloseIdleConnections()
	return errors.Join(err, reader.Close())
}

// stop ends the service, if there is one, as the system does.
func (s *site) stop() error {
	if s.process == nil {
		return nil
	}
	s.remember()
	if s.api != nil {
		s.api.close()
	}
	s.pages.CloseIdleConnections()
	_ = s.process.Process.Signal(syscall.SIGTERM)
	err := s.process.Wait()
	s.process = nil
	return err
}

// remember keeps the most memory that the service had.
func (s *site) remember() { s.peak = max(s.peak, memoryOf(s.process.Process.Pid, "VmHWM")) }

// memoryOf is a line of a process's status, in bytes; 0 where the system does not tell.
func memoryOf(pid int, line string) int64 {
	status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		return 0
	}
	var kb int64
	for text := range strings.Lines(string(status)) {
		if n, _ := fmt.Sscanf(text, line+": %d kB", &kb); n == 1 {
			return kb << 10
		}
	}
	return 0
}

// verify verifies the journal as it is verified at each start, once in a run.
func (s *site) verify(ctx context.Context) error {
	if s.round > 0 {
		return nil
	}
	db, err := data.OpenReadOnly(ctx, data.Options{Dir: filepath.Join(s.dir, demoFolder)})
	if err != nil {
		return err
	}
	ms, err := timed(func() error {
		report, err := journal.Verify(ctx, db.Reader(), journal.VerifyOptions{})
		if err == nil && len(report.Anomalies) > 0 {
			err = fault.New(fault.Internal, "bench.broken", "The journal is not as it was signed.").With("seq", report.Anomalies[0].Seq)
		}
		return err
	})
	s.sample("verify, default depth", ms)
	return errors.Join(err, db.Close())
}

package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"text/tabwriter"
	"time"
)

// benchPeersCmd drives PocketBase beside the till: what a general server that keeps what it acknowledges does with a sale.
type benchPeersCmd struct {
	In      string        `required:"" help:"A small history made by simulate --rows: what the till serves." placeholder:"DIR" type:"path"`
	Peer    string        `required:"" help:"PocketBase as cmd/comptoir/testdata/peers builds it." placeholder:"FILE" type:"path"`
	Clients int           `default:"64" help:"That sell at once in the second case, 2 to 64; the first has one."`
	Rounds  int           `default:"3" help:"Every case is run once a round, 1 to 20 rounds."`
	Time    time.Duration `default:"3s" help:"Of each case in each round, at most 30s."`
	JSON    bool          `help:"As JSON."`
}

// peer is one server that takes sales.
type peer struct {
	name string
	sell func(context.Context) error
	pid  int
	stop func() error
}

// peerSample is one server with so many clients in one round.
type peerSample struct {
	Round     int     `json:"round"`
	Name      string  `json:"name"`
	Clients   int     `json:"clients"`
	PerSecond float64 `json:"sales_per_second"`
	P50       float64 `json:"p50_ms"`
	P99       float64 `json:"p99_ms"`
	RSS       int64   `json:"rss"`
}

// The servers, as they are told.
const (
	ours      = "comptoir"
	peerFull  = "PocketBase FULL"
	peerAsItS = "PocketBase as shipped"
)

func (c *benchPeersCmd) run(ctx context.Context, e *env) int {
	if c.Rounds < 1 || c.Rounds > maxRounds || c.Time <= 0 || c.Time > maxCaseTime || c.Clients < 2 || c.Clients > 64 {
		e.say("comptoir: --rounds is from 1 to %d, --time at most %s, --clients from 2 to 64", maxRounds, maxCaseTime)
		return exitUsage
	}
	samples, err := c.measure(ctx)
	if err != nil {
		return e.fail(err)
	}
	return e.figures(c.JSON, samples, func() error { return c.print(e, samples) })
}

func (c *benchPeersCmd) measure(ctx context.Context) (samples []peerSample, err error) {
	folder, err := os.MkdirTemp("", "comptoir-peers-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	var peers []peer
	defer func() {
		for _, p := range peers {
			err = errors.Join(err, p.stop())
		}
	}()
	for _, open := range []func() (peer, error){
		func() (peer, error) { return c.till(ctx) },
		func() (peer, error) { return c.pocketBase(ctx, peerFull, folder+"/full", "FULL") },
		func() (peer, error) { return c.pocketBase(ctx, peerAsItS, folder+"/shipped", "") },
	} {
		p, err := open()
		if err != nil {
			return nil, err
		}
		peers = append(peers, p)
	}
	for round := range c.Rounds {
		for _, clients := range []int{1, c.Clients} {
			for i := range peers {
				p := peers[(i+round)%len(peers)]
				s, err := p.drive(ctx, clients, c.Time)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", p.name, err)
				}
				s.Round = round
				samples = append(samples, s)
			}
		}
	}
	return samples, nil
}

// drive lets clients sell for a while, each as soon as it was answered.
func (p peer) drive(ctx context.Context, clients int, during time.Duration) (peerSample, error) {
	took, errs := make([][]float64, clients), make([]error, clients)
	began := time.Now()
	var hands sync.WaitGroup
	for i := range clients {
		hands.Go(func() {
			for errs[i] == nil && ctx.Err() == nil && time.Since(began) < during {
				var ms float64
				ms, errs[i] = timed(func() error { return p.sell(ctx) })
				took[i] = append(took[i], ms)
			}
		})
	}
	hands.Wait()
	whole := time.Since(began)
	var all []float64
	for _, ms := range took {
		all = append(all, ms...)
	}
	s := peerSample{Name: p.name, Clients: clients, PerSecond: float64(len(all)) / whole.Seconds(), P50: quantile(all, 50), P99: quantile(all, 99), RSS: memoryOf(p.pid, "VmRSS")}
	return s, errors.Join(append(errs, ctx.Err())...)
}

// till is our own, over HTTP, each sale with three lines and a card.
func (c *benchPeersCmd) till(ctx context.Context) (peer, error) {
	program, err := os.Executable()
	if err != nil {
		return peer{}, err
	}
	s, err := newSite(program, c.In)
	if err != nil {
		return peer{}, err
	}
	if err := s.start(ctx, true, "open"); err != nil {
		return peer{}, err
	}
	if err := s.morning(ctx); err != nil {
		return peer{}, errors.Join(err, s.stop())
	}
	s.api = newClient(s.served.Staff, s.served.Token, c.Clients)
	sell := func(ctx context.Context) error {
		order := s.order
		order.Card = s.history.Cards[rand.IntN(len(s.history.Cards))] //nolint:gosec // any card
		return s.api.post(ctx, "/sales", newCommandID(), order, new(json.RawMessage))
	}
	return peer{name: ours, sell: sell, pid: s.process.Process.Pid, stop: s.stop}, nil
}

// pocketBase is the peer in a folder of its own, keeping what it acknowledges or as it is shipped.
func (c *benchPeersCmd) pocketBase(ctx context.Context, name, folder, mode string) (peer, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return peer{}, err
	}
	at := l.Addr().String()
	if err := l.Close(); err != nil {
		return peer{}, err
	}
	process := exec.CommandContext(ctx, c.Peer, "serve", "--http", at, "--dir", folder) //nolint:gosec // what whoever asked named
	process.Env = append(os.Environ(), "PEER_SYNC="+mode)
	process.Cancel = func() error { return process.Process.Signal(syscall.SIGTERM) }
	if err := process.Start(); err != nil {
		return peer{}, err
	}
	client := &http.Client{Timeout: callTimeout, Transport: &http.Transport{MaxIdleConnsPerHost: c.Clients}}
	stop := func() error {
		client.CloseIdleConnections()
		_ = process.Process.Signal(syscall.SIGTERM)
		_ = process.Wait() // it was told to end
		return nil
	}
	sell := func(ctx context.Context) error { return post(ctx, client, "http://"+at+"/api/batch", peerOrder()) }
	for try := range 100 { // it makes its tables first
		if err = sell(ctx); err == nil || try == 99 || ctx.Err() != nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if err != nil {
		return peer{}, errors.Join(err, stop())
	}
	return peer{name: name, sell: sell, pid: process.Process.Pid, stop: stop}, nil
}

func post(ctx context.Context, client *http.Client, url string, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %.200s", answer.Status, text)
	}
	return errors.Join(err, answer.Body.Close())
}

// peerOrder is a sale as its batch takes it: an order, three lines, a payment, two stamps, two entries of a pool, a line of a
// journal.
func peerOrder() []byte {
	digits := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(rand.Uint32()) //nolint:gosec // an id, nothing secret
		}
		return hex.EncodeToString(b)
	}
	order := digits(8)[:15]
	var requests []map[string]any
	add := func(collection string, fields map[string]any) {
		fields["order"] = order
		if collection == "orders" {
			delete(fields, "order")
			fields["id"] = order
		}
		requests = append(requests, map[string]any{"method": http.MethodPost, "url": "/api/collections/" + collection + "/records", "body": fields})
	}
	card := rand.IntN(10_000) //nolint:gosec // any card
	add("orders", map[string]any{"day": 20000, "at": time.Now().UnixMilli(), "cashier": 1, "total": 1250, "tax": 200, "state": "paid"})
	for i := range 3 {
		add("lines", map[string]any{"product": i + 1, "name": "Flat white, oat milk", "qty": 1, "unit": 420, "rate": 1900, "total": 420})
	}
	add("payments", map[string]any{"method": "card", "amount": 1250})
	for range 2 {
		add("stamps", map[string]any{"card": card, "n": 1})
		add("pool", map[string]any{"card": card, "kind": "points", "amount": 12})
	}
	add("journal", map[string]any{"seq": 1, "prev": digits(32), "hash": digits(32), "sig": digits(32), "body": strings.Repeat("abcdefgh", 75)})
	text, _ := json.Marshal(map[string]any{"requests": requests}) //nolint:errchkjson // strings and numbers
	return text
}

// print tells rates and their ratios: rows 9, 11 and 13 of the targets.
func (c *benchPeersCmd) print(e *env, samples []peerSample) error {
	of := func(name string, clients int, value func(peerSample) float64) (all []float64) {
		for _, s := range samples {
			if s.Name == name && s.Clients == clients {
				all = append(all, value(s))
			}
		}
		return all
	}
	rate := func(s peerSample) float64 { return s.PerSecond }
	t := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, "server\tclients\tsales/s\trange\tp50 ms\tp99 ms\tRSS MiB") // Flush returns the error of each
	for _, name := range []string{ours, peerFull, peerAsItS} {
		for _, n := range []int{1, c.Clients} {
			s := spreadOf(of(name, n, rate))
			_, _ = fmt.Fprintf(t, "%s\t%d\t%.0f\t%.0f–%.0f\t%.2f\t%.2f\t%.0f\n", name, n, s.Median, s.Low, s.High, median(of(name, n, func(s peerSample) float64 { return s.P50 })),
				median(of(name, n, func(s peerSample) float64 { return s.P99 })), median(of(name, n, func(s peerSample) float64 { return float64(s.RSS) / (1 << 20) })))
		}
	}
	row := func(no int, what, against string, clients int, value func(peerSample) float64, gate, goal float64, most bool) {
		a, b := of(ours, clients, value), of(against, clients, value)
		var ratios []float64
		for i := range a {
			ratios = append(ratios, a[i]/b[i])
		}
		s, sign := spreadOf(ratios), ">="
		good := s.Median >= gate
		if most {
			sign, good = "<=", s.Median <= gate
		}
		_, _ = fmt.Fprintf(t, "%d\t%s\t%.2f\t%.2f–%.2f\tgate %s %g %s\tgoal %g\t\n", no, what, s.Median, s.Low, s.High, sign, gate, met(good), goal)
	}
	row(9, "sales/s against PocketBase FULL, 1 client", peerFull, 1, rate, 3, 5, false)
	row(9, fmt.Sprintf("the same, %d clients", c.Clients), peerFull, c.Clients, rate, 8, 12, false)
	row(11, fmt.Sprintf("against PocketBase as shipped, %d clients", c.Clients), peerAsItS, c.Clients, rate, 7, 10, false)
	row(13, "RSS against PocketBase FULL", peerFull, c.Clients, func(s peerSample) float64 { return float64(s.RSS) }, 1, 0.6, true)
	return t.Flush()
}

package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"time"

	"comptoir/cmd/comptoir/internal/health"
	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/pos"
	"comptoir/receipts/journal"
)

type bundleCmd struct {
	Out string `help:"Where to write it; without it, comptoir-support-DATE.zip here." placeholder:"FILE.zip" env:"-"`
}

// run writes what a helper asks for first. Everything in it is chosen: no text that a person typed, no code, key, token or
// amount is ever copied, so that whoever sends it has nothing to look through. A café that cannot be opened still has a bundle.
func (c *bundleCmd) run(ctx context.Context, e *env) int {
	chosen := e.cafe()
	out := c.Out
	if out == "" {
		out = "comptoir-support-" + time.Now().Format("2006-01-02-150405") + ".zip"
	}
	files := map[string]any{"about.json": aboutMachine(), "files.json": sizesIn(chosen.dir)}
	var facts serviceFacts
	if err := callControl(ctx, chosen, http.MethodGet, "/facts", nil, &facts); err == nil {
		files["service.json"], files["metrics.txt"], files["log.txt"] = facts.Health, facts.Metrics, facts.Log
	}
	files["cafe.json"] = c.examine(ctx, e, chosen)
	if text, err := readFile(filepath.Join(chosen.dir, speedFile), maxAnchorFile<<8); err == nil && json.Valid(text) {
		files[speedFile] = json.RawMessage(text)
	}
	if err := writeBundle(out, files); err != nil {
		return e.fail(fmt.Errorf("write the support bundle: %w", err))
	}
	e.put("%s", out)
	e.say("It holds versions, sizes, times and states: no names, codes, keys, tokens or amounts. Look into it before you send it, if you like.")
	return exitOK
}

// examination is what doctor and verify find, without what they quote.
type examination struct {
	Refused    string         `json:"refused,omitempty"` // stable code of why it could not be opened
	Schema     int64          `json:"schema,omitempty"`  // of a file that another release wrote
	Known      int64          `json:"schema_known,omitempty"`
	Demo       bool           `json:"demo"`
	Regime     string         `json:"vat_regime,omitempty"`
	Epoch      int64          `json:"epoch"`
	Breaches   map[string]int `json:"breaches"` // by law
	Conform    bool           `json:"journal_conform"`
	Entries    int64          `json:"journal_entries"`
	Anomalies  []anomalyAt    `json:"anomalies"`
	Printers   int            `json:"printers"`
	Terminals  int            `json:"terminals"`
	Unreadable string         `json:"unreadable,omitempty"` // what could not be looked at
}

type anomalyAt struct {
	Seq   int64  `json:"seq"`
	Check string `json:"check"`
}

func (c *bundleCmd) examine(ctx context.Context, e *env, chosen cafe) (x examination) {
	till, err := pos.OpenReadOnly(ctx, e.config(chosen))
	if err != nil {
		x.Refused = fault.CodeOf(err)
		if f, ok := fault.As(err); ok {
			x.Schema, _ = f.Args["version"].(int64)
			x.Known, _ = f.Args["known"].(int64)
		}
		return x
	}
	defer func() { _ = till.Close() }() // only read
	x.Demo, x.Regime, x.Epoch, x.Breaches = till.Identity().Demo, till.Identity().VATRegime, till.DB().Epoch(), map[string]int{}
	found, err := till.DB().Check(ctx)
	for _, v := range found {
		x.Breaches[v.Check]++
	}
	if err != nil {
		x.Unreadable = "doctor"
	}
	err = till.DB().Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		r, err := journal.Verify(ctx, q, journal.VerifyOptions{Gentle: true})
		x.Conform, x.Entries = r.Conform, r.Entries
		for _, a := range r.Anomalies {
			x.Anomalies = append(x.Anomalies, anomalyAt{a.Seq, a.Check})
		}
		return err
	})
	if err != nil {
		x.Unreadable = "journal"
	}
	if s, err := setupOf(ctx, till); err == nil {
		x.Printers, x.Terminals = len(s.Printers), len(s.Terminals)
	}
	return x
}

// machineFacts say on what the till runs.
type machineFacts struct {
	Version string    `json:"version"`
	Core    string    `json:"core"`
	Program string    `json:"program_sha256"`
	Go      string    `json:"go"`
	OS      string    `json:"os"`
	Arch    string    `json:"arch"`
	CPUs    int       `json:"cpus"`
	Kernel  string    `json:"kernel,omitempty"`
	At      time.Time `json:"at"`
}

func aboutMachine() machineFacts {
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease") // elsewhere there is none
	return machineFacts{version, journal.CoreVersion, binaryHash(), runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), string(bytes.TrimSpace(kernel)), time.Now().UTC()}
}

// ownFile is the name of a file that is ours; of any other only the size is told.
var ownFile = regexp.MustCompile(`^(till\.db(-wal|-shm|\.\d{4}-before-\d{4})?|head|lock|speed\.json|copies\.json|control\.sock|probe|keys|archives|migrating)$`)

// sizesIn is the sizes of the files of a café, in bytes.
func sizesIn(dir string) map[string]int64 {
	sizes := map[string]int64{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return sizes
	}
	for _, entry := range entries {
		name := entry.Name()
		if !ownFile.MatchString(name) {
			name = "others"
		}
		if info, err := entry.Info(); err == nil {
			sizes[name] += info.Size()
		}
	}
	if space, err := data.FreeSpace(dir); err == nil {
		sizes["free"], sizes["disk"] = space.Free, space.Total
	}
	return sizes
}

// serviceFacts is what a running service tells of itself over the control socket.
type serviceFacts struct {
	Health  []health.Finding `json:"health"`
	Metrics string           `json:"metrics"`
	Log     []string         `json:"log"`
}

// facts serves them. Of a finding's values the texts are left out: they name devices and places.
func (m *Main) facts() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f := serviceFacts{Health: m.server.Health(r.Context()), Log: recentOf(m.Log)}
		for i := range f.Health {
			kept := map[string]any{}
			for name, value := range f.Health[i].Args {
				if _, text := value.(string); !text {
					kept[name] = value
				}
			}
			f.Health[i].Args = kept
		}
		figures := httptest.NewRecorder()
		m.server.Metrics().ServeHTTP(figures, httptest.NewRequestWithContext(r.Context(), http.MethodGet, "http://localhost/metrics", nil))
		f.Metrics = figures.Body.String()
		answerJSON(w, f, m.logger())
	})
}

// writeBundle writes a zip; nothing that is there is overwritten, and nothing is left of one that failed.
func writeBundle(name string, files map[string]any) (err error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			err = errors.Join(err, os.Remove(name))
		}
	}()
	z := zip.NewWriter(f)
	for name, content := range files {
		w, err := z.Create(name)
		if err != nil {
			return err
		}
		if text, ok := content.(string); ok {
			_, err = w.Write([]byte(text))
		} else if lines, ok := content.([]string); ok {
			for _, line := range lines {
				if _, err = fmt.Fprintln(w, line); err != nil {
					break
				}
			}
		} else {
			enc := json.NewEncoder(w)
			enc.SetIndent("", "  ")
			err = enc.Encode(content)
		}
		if err != nil {
			return err
		}
	}
	return z.Close()
}

package main_test

// The program under test as a child process, and its API as a second witness of what the pages say.

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// cafe is a running service with a data directory of its own.
type cafe struct {
	*scene
	dir           string
	flags         []string
	staff, public string // addresses of the listeners, fixed by the first start
	restored      bool   // from a copy: its journal says that something was lost
	process       *exec.Cmd
	log           *os.File
}

// openCafe starts a copy of the demonstration. At the end of the scene it is ended as an init system would, and
// audited.
func (s *scene) openCafe(flags ...string) *cafe {
	s.Helper()
	c := &cafe{scene: s, dir: filepath.Join(s.dir, fmt.Sprintf("cafe-%d", s.cafes.Add(1))), flags: flags}
	if err := copyTree(c.dir, s.demo); err != nil {
		s.Fatalf("copy the demonstration: %v", err)
	}
	s.Cleanup(func() {
		if c.process != nil {
			c.stop()
		}
		c.audit()
	})
	c.start()
	return c
}

// start runs the service and waits until both listeners accept: that is when it prints their addresses. Started
// again, it takes the same ports.
func (c *cafe) start() {
	c.Helper()
	port := func(address string) string {
		if address == "" {
			return "127.0.0.1:0"
		}
		return strings.TrimPrefix(address, "http://")
	}
	args := append([]string{"serve", "--listen", port(c.staff), "--public", port(c.public)}, c.flags...)
	p := c.command(args...)
	log, err := os.OpenFile(c.dir+".log", os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		c.Fatal(err)
	}
	p.Stderr, c.log = log, log
	out, err := p.StdoutPipe()
	if err != nil {
		c.Fatal(err)
	}
	if err := p.Start(); err != nil {
		c.Fatalf("start the service: %v", err)
	}
	c.process = p
	lines := bufio.NewScanner(out)
	for _, address := range []*string{&c.staff, &c.public} {
		if !lines.Scan() {
			_ = p.Wait()
			c.process = nil
			c.Fatalf("the service ended before it served:\n%s", c.lastWords())
		}
		*address = lines.Text()
	}
}

// overPlainHTTP is the till's address by a name: what a tablet on the café's own network opens, and no secure context.
func (c *cafe) overPlainHTTP() string { return strings.Replace(c.staff, "127.0.0.1", plainHTTPHost, 1) }

// kill ends the service as a power cut would.
func (c *cafe) kill() {
	c.Helper()
	if err := c.process.Process.Kill(); err != nil {
		c.Fatalf("kill the service: %v", err)
	}
	_ = c.process.Wait() // "signal: killed" is what was asked for
	c.process = nil
}

// stop ends the service as an init system does.
func (c *cafe) stop() {
	c.Helper()
	p := c.process
	c.process = nil
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		c.Errorf("end the service: %v", err)
		return
	}
	limit := time.AfterFunc(sceneLimit, func() { _ = p.Process.Kill() })
	defer limit.Stop()
	if err := p.Wait(); err != nil {
		c.Errorf("the service ended badly: %v\n%s", err, c.lastWords())
	}
}

// audit holds every law and the whole journal against what the scene has left.
func (c *cafe) audit() {
	c.Helper()
	for _, check := range [][]string{{"doctor"}, {"verify", "--full"}} {
		if out, err := c.command(check...).CombinedOutput(); err != nil && (!c.restored || !warned(err)) {
			c.Errorf("comptoir %s: %v\n%s", check[0], err, out)
		}
	}
}

// command is the program with a subcommand, on this café's data and with no setting of the machine it runs on.
func (c *cafe) command(args ...string) *exec.Cmd {
	p := exec.Command(c.program, append(args, "--demo", "--data", c.dir)...)
	p.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "COMPTOIR_") })
	return p
}

// lastWords is the end of the service's log.
func (c *cafe) lastWords() string {
	text, err := os.ReadFile(c.log.Name())
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-4000):])
}

// api calls the service with the manager's token and decodes the answer.
func api[T any](c *cafe, method, path string, body any) T {
	c.Helper()
	var payload io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			c.Fatal(err)
		}
		payload = bytes.NewReader(b)
	}
	request, err := http.NewRequestWithContext(c.Context(), method, c.staff+"/api/v1"+path, payload)
	if err != nil {
		c.Fatal(err)
	}
	request.Close = true // the service may be killed and started again between two calls
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Content-Type", "application/json")
	if method == http.MethodPost {
		request.Header.Set("Idempotency-Key", rand.Text())
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		c.Fatalf("%s %s: %v", method, path, err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= http.StatusBadRequest {
		c.Fatalf("%s %s: %s %v\n%s", method, path, answer.Status, err, text)
	}
	var v T
	if err := json.Unmarshal(text, &v); err != nil {
		c.Fatalf("%s %s: %v in %s", method, path, err, text)
	}
	return v
}

// sale, ticket, card and shelf are what these tests read of the API's answers.
type (
	sale struct {
		ID         string `json:"id"`
		Number     string `json:"number"`
		Total      int64  `json:"total"`
		ReceiptURL string `json:"receipt_url"`
		GiftURL    string `json:"gift_url"`
	}
	ticket struct {
		ID    string `json:"id"`
		State string `json:"state"`
		Total int64  `json:"total"`
		Lines []struct {
			Product string `json:"product"`
			Qty     int    `json:"qty"`
			Kind    string `json:"kind"`
		} `json:"lines"`
		Card *struct {
			Number string `json:"number"`
		} `json:"card"`
	}
	card struct {
		Code   string `json:"code"`
		URL    string `json:"url"`
		Stamps int    `json:"stamps"`
	}
	shelf struct{ Available, Allotted, Served int }
)

// sales lists the sales of the day, newest first.
func (c *cafe) sales() []sale {
	c.Helper()
	return api[struct{ Sales []sale }](c, http.MethodGet, "/sales?limit=5000", nil).Sales
}

// soldSince fails the test unless exactly one sale of this total has been made since.
func (c *cafe) soldSince(before []sale, total int64) sale {
	c.Helper()
	now := c.sales()
	if len(now) != len(before)+1 {
		c.Fatalf("sales made: got %d, want 1", len(now)-len(before))
	}
	if now[0].Total != total {
		c.Fatalf("total of the sale: got %d, want %d", now[0].Total, total)
	}
	return now[0]
}

// ticket reads one order.
func (c *cafe) ticket(id string) ticket {
	c.Helper()
	return api[ticket](c, http.MethodGet, "/tickets/"+id, nil)
}

// shelf counts the items of a class.
func (c *cafe) shelf(class string) shelf {
	c.Helper()
	type classShelf struct {
		Class string `json:"class"`
		shelf
	}
	all := api[struct{ Classes []classShelf }](c, http.MethodGet, "/suspended", nil).Classes
	i := slices.IndexFunc(all, func(s classShelf) bool { return s.Class == class })
	if i < 0 {
		c.Fatalf("no class %q on the shelf", class)
	}
	return all[i].shelf
}

// copyTree copies the files of a café: a socket is the running service's, not the café's.
func copyTree(to, from string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		switch {
		case d.IsDir():
			return os.MkdirAll(target, info.Mode().Perm())
		case !info.Mode().IsRegular():
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, text, info.Mode().Perm())
	})
}

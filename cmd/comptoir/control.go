package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"comptoir/data/fault"
	"comptoir/pos"
)

// Limits of the control socket.
const (
	maxControlBody = 4 << 20 // bytes: a menu file of 1 MiB in base64, and room
	maxSocketPath  = 100     // bytes; the system allows 104 to 108
	controlTimeout = 30 * time.Second
	orderTimeout   = 15 * time.Minute // of what an order does: an archive of years is large
)

// order is a subcommand for the one process that writes a café.
type order struct {
	Task  string   `json:"task"`
	Args  []string `json:"args"`
	Input []byte   `json:"input"` // of the file, when the task reads one
}

// outcome is what the order came to.
type outcome struct {
	Code   int    `json:"code"`
	Stdout []byte `json:"stdout"`
	Stderr []byte `json:"stderr"`
}

// task carries out an order on the open café: data to stdout, words to stderr, refusals returned.
type task func(ctx context.Context, t *pos.Till, o order, stdout, stderr io.Writer) error

// taskNamed returns a task by its name on the wire.
func taskNamed(name string) (task, bool) {
	run, ok := map[string]task{
		"menu.import": importMenu, "menu.export": exportMenu,
		"staff.add": addStaff, "staff.list": listStaff, "staff.disable": disableStaff,
		"token.create": createToken, "key.rotate": rotateKey,
		"export": exportFile, "export.tax": exportTax,
		"archive": makeArchive,
		"backup":  backupTask,
	}[name]
	return run, ok
}

// carryOut runs an order here.
func carryOut(ctx context.Context, t *pos.Till, o order) outcome {
	var stdout, stderr bytes.Buffer
	e := &env{stdout: &stdout, stderr: &stderr}
	code := exitOK
	if run, ok := taskNamed(o.Task); !ok {
		code = e.fail(fmt.Errorf("the running service does not know %s; it is another version: restart it", o.Task))
	} else if err := run(ctx, t, o, &stdout, &stderr); err != nil {
		code = e.fail(err)
	}
	return outcome{code, stdout.Bytes(), stderr.Bytes()}
}

// do has an order carried out on the café that is meant: here, or, when a service runs on it, by that service.
func (e *env) do(ctx context.Context, o order) int {
	result, err := e.send(ctx, e.cafe(), o)
	if err != nil {
		return e.fail(err)
	}
	_, err1 := e.stdout.Write(result.Stdout)
	_, err2 := e.stderr.Write(result.Stderr)
	if err := errors.Join(err1, err2); err != nil {
		return e.fail(fmt.Errorf("write the answer: %w", err))
	}
	return result.Code
}

func (e *env) send(ctx context.Context, c cafe, o order) (outcome, error) {
	till, err := pos.Open(ctx, e.config(c))
	if fault.CodeOf(err) == "data.locked" {
		return overSocket(ctx, c, o, err)
	}
	if err != nil {
		return outcome{}, err
	}
	result := carryOut(ctx, till, o)
	return result, till.Close()
}

// overSocket asks the running service. locked is told when there is none to ask.
func overSocket(ctx context.Context, c cafe, o order, locked error) (outcome, error) {
	body, err := json.Marshal(o)
	if err != nil {
		return outcome{}, fmt.Errorf("write the order: %w", err)
	}
	var result outcome
	err = callControl(ctx, c, http.MethodPost, "/run", body, &result)
	if _, unreachable := errors.AsType[*net.OpError](err); unreachable {
		return outcome{}, locked
	}
	return result, err
}

// serviceInfo is what a running service says of itself.
type serviceInfo struct {
	Staff string `json:"staff"` // address of the till
	Demo  bool   `json:"demo"`
	Name  string `json:"name"`
	PID   int    `json:"pid"` // of its process, for whoever measures it

	Printers map[string]string `json:"printers"` // how each is, by name; empty: well
}

// running asks whether a service runs on the café, and where.
func running(ctx context.Context, c cafe) (serviceInfo, bool) {
	var info serviceInfo
	err := callControl(ctx, c, http.MethodGet, "/info", nil, &info)
	return info, err == nil
}

func callControl(ctx context.Context, c cafe, method, path string, body []byte, into any) error {
	timeout := controlTimeout
	if method == http.MethodPost {
		timeout = orderTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", c.socket())
	}}}
	request, err := http.NewRequestWithContext(ctx, method, "http://control"+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("ask the running service: %w", err)
	}
	answer, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("ask the running service: %w", err)
	}
	defer func() { _ = answer.Body.Close() }() // it was read to its end, or is of no use
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the running service refused the command: %s", answer.Status)
	}
	if err := json.NewDecoder(answer.Body).Decode(into); err != nil {
		return fmt.Errorf("read the running service's answer: %w", err)
	}
	return nil
}

// control serves the socket <dir>/control.sock of a running café. The file's mode is the only right that is checked:
// whoever can open it can also open the database.
type control struct {
	close func() error // lets the command in hand end and takes the socket away
}

// listenControl takes the socket. It holds the café's lock, so a socket that is there was left by a service that was
// killed. A path too long for the system is logged, and the café goes on without one.
func listenControl(ctx context.Context, dir string, t *pos.Till, staff string, printers func(context.Context) map[string]string, facts http.Handler, log *slog.Logger) (*control, error) {
	path := cafe{dir: dir}.socket()
	if len(path) > maxSocketPath {
		log.Warn("the data directory's path is too long for a control socket: commands have to wait until the service is stopped", "path", path)
		return &control{close: func() error { return nil }}, nil
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	var config net.ListenConfig
	l, err := config.Listen(ctx, "unix", path) // in a directory of mode 0700: nobody gets there before the chmod
	if err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("control socket: %w", err), l.Close())
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /info", func(w http.ResponseWriter, r *http.Request) {
		answerJSON(w, serviceInfo{Staff: staff, Demo: t.Identity().Demo, Name: t.Identity().Name, PID: os.Getpid(), Printers: printers(r.Context())}, log)
	})
	mux.Handle("GET /facts", facts)
	mux.HandleFunc("POST /run", func(w http.ResponseWriter, r *http.Request) {
		var o order
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxControlBody)).Decode(&o); err != nil {
			http.Error(w, "not an order", http.StatusBadRequest)
			return
		}
		answerJSON(w, carryOut(r.Context(), t, o), log)
	})
	server := &http.Server{Handler: mux, ReadTimeout: controlTimeout, WriteTimeout: orderTimeout}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	return &control{close: func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), controlTimeout)
		defer cancel()
		err := server.Shutdown(ctx)
		if e := <-ended; !errors.Is(e, http.ErrServerClosed) {
			err = errors.Join(err, e)
		}
		return err
	}}, nil
}

func answerJSON(w http.ResponseWriter, v any, log *slog.Logger) {
	if err := json.NewEncoder(w).Encode(v); err != nil {
		log.Warn("a command's answer could not be sent", "error", err)
	}
}

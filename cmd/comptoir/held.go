package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"comptoir/cmd/comptoir/internal/recovery"
	"comptoir/cmd/comptoir/internal/web"
	"comptoir/data/fault"
	"comptoir/pos"
	"comptoir/receipts/journal"
)

// hold serves a café that pos.Open has refused on the addresses that are bound: one page, for a manager.
func (m *Main) hold(ctx context.Context, reason error) error {
	if m.held == nil { // whoever typed wrong PINs waits, however often the café is tried again meanwhile
		m.held = pos.NewHeld(m.Config)
	}
	identity, err := m.held.Identity(ctx)
	if err != nil && pos.CanResume(reason) {
		return errors.Join(reason, err)
	}
	managers, err := m.held.Managers(ctx)
	if err != nil && pos.CanResume(reason) {
		return errors.Join(reason, err)
	} // of a database that cannot be read the page says what it says without either
	m.stopped, err = web.NewStopped(web.StoppedConfig{Cafe: identity, Managers: managers, Reason: reason, Resume: m.held.Resume, Retries: retries(reason),
		Staff: newLease(m.staff), Public: newLease(m.public), PublicURL: m.Config.PublicURL, AllowHosts: slices.Concat(m.network.Names, m.AllowHosts), Network: m.lent(),
		Clock: m.Config.Clock, Log: m.Log})
	if err != nil {
		return fmt.Errorf("prepare the page: %w", err)
	}
	m.reason = reason
	served, stop := context.WithCancel(context.WithoutCancel(ctx))
	m.stop, m.ended = stop, make(chan error, 1)
	m.well = m.mended(served)
	go func() { m.ended <- m.stopped.Serve(served) }()
	m.chores.Go(func() { keepAwake(served, nil, m.logger()) })
	return nil
}

// Held returns why the café does not sell, nil when it is open.
func (m *Main) Held() error { return m.reason }

// Again is told when somebody at the page of a held café wants it to be opened.
func (m *Main) Again() <-chan struct{} { return m.stopped.Again() }

// Reopen ends the page of a held café and opens it on the same addresses, or holds it again for what is wrong now.
// Whoever connects meanwhile waits.
func (m *Main) Reopen(ctx context.Context) error {
	err := m.rest(ctx)
	if err == nil {
		err = m.openOrHold(ctx)
	}
	if err != nil {
		return errors.Join(err, m.close())
	}
	return nil
}

// openOrHold opens the café, or serves the page that says why it must not sell as it is.
func (m *Main) openOrHold(ctx context.Context) error {
	err := m.open(ctx)
	reason := toHold(m.Config.Dir, err)
	if reason == nil {
		return err
	}
	if ended := m.endServing(); ended != nil { // it may have begun
		m.logger().Warn("the pages ended badly", "error", ended)
	}
	if closing := m.closeCafe(); closing != nil {
		if pos.IsHeld(reason) {
			return errors.Join(err, closing)
		}
		m.logger().Warn("the café was closed badly", "error", closing)
	}
	m.logger().Error("the café cannot be opened, and is held", "code", fault.CodeOf(reason), "error", err)
	return m.hold(ctx, reason)
}

// wait keeps a held café until it is opened at its page, and then serves it; or until the service is asked to end.
func (c *serveCmd) wait(ctx context.Context, e *env, m *Main, chosen cafe) int {
	e.say("comptoir: %s does not sell.", chosen.dir)
	for _, line := range explain(m.Held()) {
		e.say("%s", line)
	}
	e.say("What was found, and how a manager goes on: %s", m.StaffURL())
	select {
	case <-m.Again():
		return c.reopen(ctx, e, m, chosen)
	case <-m.well:
		return c.reopen(ctx, e, m, chosen)
	case <-ctx.Done():
	case err := <-m.Ended():
		m.ended <- err // Stop collects it
	}
	if err := m.Stop(ctx); err != nil {
		return e.fail(fmt.Errorf("the service ended badly: %w", err))
	}
	return exitFailed
}

// reopen tries a held café again.
func (c *serveCmd) reopen(ctx context.Context, e *env, m *Main, chosen cafe) int {
	if err := m.Reopen(ctx); err != nil {
		if ctx.Err() != nil { // asked to end before it was open
			return exitOK
		}
		return e.fail(err)
	}
	return c.live(ctx, e, m, chosen)
}

// decision is what a manager says on the command line to go on with a held café.
type decision struct {
	Manager string `required:"" help:"Name or code of a manager; the PIN is read from the standard input." placeholder:"CODE" env:"-"`
	Reason  string `required:"" help:"What happened, in a sentence. The journal keeps it." env:"-"`
	Anchor  string `help:"Head of the journal as it was seen elsewhere: a file, or the line CZ1 … of a printed closing." placeholder:"FILE|TEXT" env:"-"`
}

// answer reads the PIN and the anchor.
func (d decision) answer(e *env) (pos.HeldAnswer, error) {
	a := pos.HeldAnswer{Operator: d.Manager, Reason: d.Reason}
	if d.Anchor != "" {
		seen, err := readAnchor(d.Anchor)
		if err != nil {
			return a, err
		}
		a.Anchor = &seen
	}
	e.say("PIN of %s:", d.Manager)
	line, err := bufio.NewReader(io.LimitReader(e.stdin, maxPINLine)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return a, fmt.Errorf("read the PIN: %w", err)
	}
	a.PIN = strings.TrimSpace(line)
	return a, nil
}

// maxPINLine is more than any PIN has.
const maxPINLine = 64

type resumeCmd struct {
	decision
}

// run goes on with a database that is not the one last seen, or with a clock far ahead.
func (c *resumeCmd) run(ctx context.Context, e *env) int {
	a, err := c.answer(e)
	if err != nil {
		return e.fail(err)
	}
	if err := pos.NewHeld(e.config(e.cafe())).Resume(ctx, a); err != nil {
		return e.fail(err)
	}
	e.say("The journal says what was found, who went on and why. The café can be opened.")
	return exitOK
}

type keyCmd struct {
	Rotate  keyRotateCmd  `cmd:"" help:"Put a new signing key in force; the old one vouches for it."`
	Code    keyCodeCmd    `cmd:"" help:"Draw the recovery code with which the keys come back on another machine. It is shown once."`
	Replace keyReplaceCmd `cmd:"" help:"Put a new signing key in force when the old one is lost for good. Every verification warns of it from then on."`
}

// keyCodeCmd draws a recovery code, with which the keys come back on another machine.
type keyCodeCmd struct{}

func (c *keyCodeCmd) run(ctx context.Context, e *env) int {
	chosen := e.cafe()
	code := recovery.NewCode()
	if err := recovery.SetCode(chosen.dir, code); err != nil {
		return e.fail(err)
	}
	e.put("%s", code)
	e.say("Write it down now: it is shown once, and opens the sealed keys that lie beside every backup. A new code takes the place of an older one.")
	if err := sealAtPlaces(ctx, chosen.dir); err != nil {
		e.say("The keys could not be laid beside the copies yet; the next backup does it: %s", firstLine(err.Error()))
	}
	return exitOK
}

type keyRotateCmd struct {
	Reason string `required:"" help:"Why, in a sentence. The journal keeps it." env:"-"`
}

func (c *keyRotateCmd) run(ctx context.Context, e *env) int {
	return e.do(ctx, order{Task: "key.rotate", Args: []string{c.Reason}})
}

// rotateKey is the task key.rotate: reason. It prints the id of the key.
func rotateKey(ctx context.Context, t *pos.Till, o order, stdout, stderr io.Writer) error {
	if len(o.Args) != 1 {
		return errOrder(o)
	}
	id, err := t.RotateKey(ctx, pos.System("sys"), o.Args[0])
	if err != nil {
		return err
	}
	_, err1 := fmt.Fprintln(stdout, id)
	_, err2 := fmt.Fprintf(stderr, "The key %s is in force. Keep a copy of the folder keys where only you get at it.\n", id)
	return errors.Join(err1, err2)
}

type keyReplaceCmd struct {
	decision
}

func (c *keyReplaceCmd) run(ctx context.Context, e *env) int {
	a, err := c.answer(e)
	if err != nil {
		return e.fail(err)
	}
	if err := pos.NewHeld(e.config(e.cafe())).ReplaceKey(ctx, a); err != nil {
		return e.fail(err)
	}
	e.say("A new key is in force, and the journal says that the old one was lost. Keep a copy of the folder keys where only you get at it.")
	return exitOK
}

// readAnchor reads a head seen elsewhere: the text itself, or a file that holds it.
func readAnchor(given string) (journal.Anchor, error) {
	if a, err := journal.ParseAnchor(given); err == nil {
		return a, nil
	}
	text, err := readFile(given, maxAnchorFile)
	if err != nil {
		return journal.Anchor{}, err
	}
	a, err := journal.ParseAnchor(string(text))
	if err != nil {
		return journal.Anchor{}, fmt.Errorf("%s: %s", given, detailOf(err))
	}
	return a, nil
}

package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/alecthomas/kong"

	"comptoir/cmd/comptoir/internal/device/caisseap"
	"comptoir/cmd/comptoir/internal/device/concert"
	"comptoir/pos"
	"comptoir/receipts/journal"
)

// Version of the product; the journal's core has its own.
const (
	version  = "0.1.0"
	software = "comptoir/" + version
)

const description = `The till of a solidarity café. Without a command it serves.

Every flag is also read from the environment: COMPTOIR_DATA for --data, and so on.`

const exitCodes = `
Exit codes:
  0  done; doctor: every law holds; verify: the journal is conform
  1  refused or failed; serve: ended while the café was held; doctor: a law is broken; verify: an anomaly; load: the sums differ
  2  not understood, or doctor and verify cannot run (no database, not ours, a newer one)
  3  verify: conform with warnings; serve: the disk failed, start again
`

// cli is the command line, as api.md has it.
type cli struct {
	Data    string           `help:"Data directory of the user; holds demo/ and cafe/." placeholder:"DIR"`
	HeadDir string           `name:"head-dir" help:"Folder on another medium, such as a memory stick, for a second copy of the journal's head: putting the data back is then seen." placeholder:"DIR"`
	Demo    bool             `help:"The demonstration café, even when there is a live one."`
	Log     string           `help:"Log on stderr: text (what went wrong, for people) or json (every request, for programs)." enum:"json,text" default:"text"`
	Version kong.VersionFlag `help:"Print the version and end." env:"-"`

	Serve    serveCmd    `cmd:"" default:"withargs" help:"Open the café (the default command)."`
	Init     initCmd     `cmd:"" help:"Set up the live café: its identity, its key, its first manager."`
	Menu     menuCmd     `cmd:"" help:"Read a menu from a file, or write it to one."`
	Staff    staffCmd    `cmd:"" help:"Who works at the till."`
	Token    tokenCmd    `cmd:"" help:"Tokens by which programs call the API."`
	Doctor   doctorCmd   `cmd:"" help:"Check every law on the data, beside a running café or without one."`
	Verify   verifyCmd   `cmd:"" help:"Verify the fiscal journal."`
	Key      keyCmd      `cmd:"" help:"The key that signs the journal."`
	Resume   resumeCmd   `cmd:"" help:"Go on with a café that does not open, because its data are not those last seen or the clock is far ahead."`
	Journal  journalCmd  `cmd:"" help:"The fiscal journal as a file that comptoir-verify reads."`
	Backup   backupCmd   `cmd:"" help:"Write the whole café into one file elsewhere, and read it again."`
	Restore  restoreCmd  `cmd:"" help:"Put a café back from the newest copy or backup; nothing that is there is written over."`
	Archive  archiveCmd  `cmd:"" help:"Make the archive of a closed month, year or some days, and put a copy elsewhere."`
	Load     loadCmd     `cmd:"" help:"Ring sales through the API: those of a file, or made ones."`
	Bench    benchCmd    `cmd:"" help:"Measure this machine."`
	Simulate simulateCmd `cmd:"" help:"Let a made café live some years in a few minutes, and see where its dial goes."`
	Export   exportCmd   `cmd:"" help:"Files for the accountant, out of closed days."`
	Virtual  virtualCmd  `cmd:"" help:"Devices that are none, to try a till with."`

	SupportBundle bundleCmd `cmd:"" name:"support-bundle" help:"A file for whoever helps from afar: how the till is, without names, codes, keys or sums."`

	Install   installCmd   `cmd:"" help:"Make this machine a till: a service, names for its devices, its screen."`
	Uninstall uninstallCmd `cmd:"" help:"Take back what install wrote; the café's data stay."`
}

// env is what a subcommand works with: the streams, and what the common flags said.
type env struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	data           string // absolute
	dataGiven      bool   // somebody said where; otherwise it is the user's own
	demo           bool
	headDir        string // absolute; empty: none
	log            *slog.Logger
}

// command is one subcommand. The code it returns is the exit code.
type command interface {
	run(ctx context.Context, e *env) int
}

// parse reads the command line and runs what it asks for.
func (e *env) parse(ctx context.Context, args []string) int {
	var c cli
	ended := false // --help and --version have printed what was asked
	parser, err := kong.New(&c, kong.Name("comptoir"), kong.Description(description), kong.DefaultEnvars("COMPTOIR"),
		kong.Writers(e.stdout, e.stderr), kong.Exit(func(int) { ended = true }), kong.UsageOnError(),
		kong.Help(helpWithCodes), kong.Vars{
			"version": versionLine(), "printer_profiles": profileNames(), "caisse_ap_cases": strings.Join(caisseap.Cases(), ", "), "concert_cases": strings.Join(concert.Cases(), ", "),
		})
	if err != nil {
		return e.fail(fmt.Errorf("command line: %w", err))
	}
	parsed, err := parser.Parse(args)
	if ended {
		return exitOK
	}
	if err != nil {
		e.say("comptoir: %v", err)
		e.say("comptoir --help lists the commands and their flags.")
		return exitUsage
	}
	if e.data, err = dataDir(c.Data); err != nil {
		return e.fail(err)
	}
	e.dataGiven = c.Data != ""
	if c.HeadDir != "" {
		if e.headDir, err = filepath.Abs(c.HeadDir); err != nil {
			return e.fail(fmt.Errorf("head directory %s: %w", c.HeadDir, err))
		}
	}
	e.demo, e.log = c.Demo, newLog(e.stderr, c.Log)
	chosen, ok := reflect.TypeAssert[command](parsed.Selected().Target.Addr())
	if !ok {
		return e.fail(fmt.Errorf("command line: %s cannot be run", parsed.Command()))
	}
	return chosen.run(ctx, e)
}

func versionLine() string { return fmt.Sprintf("comptoir %s (core %s)", version, journal.CoreVersion) }

func helpWithCodes(options kong.HelpOptions, ctx *kong.Context) error {
	if err := kong.DefaultHelpPrinter(options, ctx); err != nil {
		return err
	}
	_, err := io.WriteString(ctx.Stdout, exitCodes)
	return err
}

// newLog writes for people only what they should look at: a line per request would bury the words around it.
func newLog(w io.Writer, form string) *slog.Logger {
	if form == "json" {
		return slog.New(newRecent(slog.NewJSONHandler(w, nil)))
	}
	return slog.New(newRecent(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelWarn})))
}

// config is how a café is opened from the command line.
func (e *env) config(c cafe) pos.Config {
	return pos.Config{Dir: c.dir, Software: software, Log: e.log, HeadDir: e.headDir}
}

// say writes a line of words. A stream that is gone has nobody left to be told.
func (e *env) say(format string, args ...any) { _, _ = fmt.Fprintf(e.stderr, format+"\n", args...) }

// put writes a line of data.
func (e *env) put(format string, args ...any) { _, _ = fmt.Fprintf(e.stdout, format+"\n", args...) }

// fail says what went wrong and returns the code for it.
func (e *env) fail(err error) int {
	for _, line := range explain(err) {
		e.say("%s", line)
	}
	return exitFailed
}

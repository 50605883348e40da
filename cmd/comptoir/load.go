package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"comptoir/data/fault"
	"comptoir/pos"
)

type loadCmd struct {
	Replay   string        `help:"File of sales to ring: date,time,transaction,item and as wanted qty,mode,kind,tender,card,options,note." placeholder:"FILE"`
	Menu     string        `help:"Menu file to import first; the file of sales is matched by its names." placeholder:"FILE"`
	URL      string        `name:"url" help:"Address of a running till, with --token; without it, the café of --data." placeholder:"URL"`
	Token    string        `help:"Token of a manager (comptoir token create)." placeholder:"TOKEN"`
	Speed    string        `default:"0" help:"Times real time, such as 60x; 0: as fast as it goes. Nights count." placeholder:"N"`
	Tills    int           `default:"4" help:"Tills that ring at once, 1 to 256." placeholder:"N"`
	Duration time.Duration `default:"10s" help:"How long to ring made sales, at most 2h." placeholder:"D"`
	Rate     float64       `help:"Made sales a second, of all tills together; 0: as many as the till bears. A busy café has one in five seconds." placeholder:"N"`
	Mix      string        `default:"gift=5,serve=5,card=30,takeaway=25,seed=1" help:"Made sales in a hundred that have a gift, serve from the shelf, show a card, are taken away; and where chance begins." placeholder:"K=N,…"`
	JSON     bool          `help:"The sums as JSON."`
	Yes      bool          `help:"Do not ask before ringing in a live café."`
}

// Limits of a load.
const (
	maxTills    = 256
	maxDuration = 2 * time.Hour
	maxRate     = 10_000
	maxSpeed    = 1_000_000
)

// loadOperator is who the sales are rung by.
const loadOperator = "Load"

func (c *loadCmd) run(ctx context.Context, e *env) int {
	speed, err := c.check()
	if err != nil {
		e.fail(err)
		return exitUsage
	}
	if c.Replay == "" {
		return c.withTarget(ctx, e, order{}, func(ctx context.Context, t target) int { return c.made(ctx, e, t) })
	}
	job, err := c.readFiles(speed)
	if err != nil {
		return e.fail(err)
	}
	return c.withTarget(ctx, e, job.menuOrder, func(ctx context.Context, t target) int { return c.replay(ctx, e, t, job) })
}

// check refuses flags that make no sense, and reads --speed.
func (c *loadCmd) check() (speed float64, err error) {
	number := strings.TrimRight(strings.TrimSpace(c.Speed), "x×")
	speed, err = strconv.ParseFloat(number, 64)
	switch {
	case err != nil || !(speed >= 0 && speed <= maxSpeed):
		return 0, errors.New("--speed is a number of times real time, such as 60x; 0 is as fast as it goes")
	case c.Tills < 1 || c.Tills > maxTills:
		return 0, fmt.Errorf("--tills is from 1 to %d", maxTills)
	case c.Duration <= 0 || c.Duration > maxDuration:
		return 0, fmt.Errorf("--duration is at most %s", maxDuration)
	case !(c.Rate >= 0 && c.Rate <= maxRate):
		return 0, fmt.Errorf("--rate is from 0 to %d sales a second", maxRate)
	case (c.URL == "") != (c.Token == ""):
		return 0, errors.New("--url and --token go together: comptoir token create --role manager --name NAME makes one")
	case c.Menu != "" && c.Replay == "":
		return 0, errors.New("--menu goes with --replay; a menu alone is imported with comptoir menu import")
	}
	if c.URL != "" {
		if u, err := url.Parse(c.URL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return 0, errors.New("--url is the address of the till, such as http://127.0.0.1:8080")
		}
	}
	_, err = parseMix(c.Mix)
	return speed, err
}

// replayJob is the files of a replay, read and checked before anything is sent.
type replayJob struct {
	speed     float64
	plan      replayPlan
	text      []byte
	prices    priceList // nil without --menu
	menuOrder order     // zero without --menu
}

func (c *loadCmd) readFiles(speed float64) (job replayJob, err error) {
	job.speed = speed
	if job.text, err = readFile(c.Replay, maxReplayFile); err != nil {
		return job, err
	}
	if job.plan, err = readReplay(c.Replay, job.text); err != nil || c.Menu == "" {
		return job, err
	}
	if job.menuOrder, err = menuOrder(c.Menu); err != nil {
		return job, err
	}
	form := job.menuOrder.Args[0]
	if _, err := parseMenu(form, job.menuOrder.Input); err != nil {
		return job, err
	}
	job.prices, err = pricesOf(form, job.menuOrder.Input)
	return job, err
}

// target is the running service that is driven.
type target struct {
	url, token string
	pid        int  // of the service; 0: not known
	own        bool // this very process, which drives it too
}

// withTarget finds or starts the service, imports the menu, and drives it. What it started it also ends.
func (c *loadCmd) withTarget(ctx context.Context, e *env, menu order, drive func(context.Context, target) int) int {
	if c.URL != "" {
		if menu.Task != "" {
			e.say("comptoir: with --url the menu is not imported: sales are matched by the names of %s and rung at the till's own prices.", c.Menu)
		}
		return drive(ctx, target{url: c.URL, token: c.Token})
	}
	chosen := e.cafe()
	if !chosen.demo && !c.agreed(e) {
		return exitFailed
	}
	info, ok := running(ctx, chosen)
	if ok {
		e.say("Driving the running till at %s.", info.Staff)
	} else {
		m := &Main{Config: e.config(chosen), Listen: "127.0.0.1:0", Public: "127.0.0.1:0", Log: e.log}
		if err := m.Start(ctx); err != nil {
			return e.fail(err)
		}
		defer func() {
			if err := m.Stop(ctx); err != nil {
				e.fail(err)
			}
		}()
		info.Staff, info.PID = m.StaffURL(), os.Getpid()
		e.say("No service runs on %s: it is opened at %s for this run.", chosen.dir, info.Staff)
	}
	token, err := c.tokenFor(ctx, e, chosen, menu)
	if err != nil {
		return e.fail(err)
	}
	return drive(ctx, target{info.Staff, token, info.PID, !ok})
}

// tokenFor imports the menu and makes a token, through the control socket of the service.
func (c *loadCmd) tokenFor(ctx context.Context, e *env, chosen cafe, menu order) (string, error) {
	var token string
	for _, o := range []order{menu, tokenOrder(string(pos.RoleManager), loadOperator)} {
		if o.Task == "" {
			continue
		}
		result, err := overSocket(ctx, chosen, o, fault.New(fault.Conflict, "data.locked", "The service on this data directory has no control socket; give --url and --token."))
		if err != nil {
			return "", err
		}
		if result.Code != exitOK {
			return "", errors.New(strings.TrimPrefix(strings.TrimSpace(string(result.Stderr)), "comptoir: "))
		}
		if len(result.Stderr) > 0 {
			e.say("%s", strings.TrimSpace(string(result.Stderr)))
		}
		token = strings.TrimSpace(string(result.Stdout))
	}
	return token, nil
}

// agreed warns that a live café keeps every sale for ever, and asks whoever sits at a terminal.
func (c *loadCmd) agreed(e *env) bool {
	e.say("This is the live café: what is rung stays in its journal for good.")
	if c.Yes || !isTerminal(e.stdin) {
		return true
	}
	_, _ = fmt.Fprint(e.stderr, "Ring sales in it? Type yes: ")
	answer, _ := bufio.NewReader(e.stdin).ReadString('\n') // the end of the input is a no
	return strings.EqualFold(strings.TrimSpace(answer), "yes")
}

// newCommandID names a command that is sent once.
func newCommandID() string { return uuid.NewString() }

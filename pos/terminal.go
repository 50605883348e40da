package pos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"comptoir/data"
	"comptoir/data/fault"
)

// CardTerminal is a card terminal that the café has linked to its till.
type CardTerminal struct {
	Name     string `json:"name"`
	Protocol string `json:"protocol"` // ProtocolCaisseAP or ProtocolConcert
	URI      string `json:"uri"`      // "tcp://192.168.1.30:8888", "serial:///dev/ttyACM0?baud=9600", "virtual:" for practice

	TerminalSettings
}

// TerminalSettings are what the vendor of a terminal wants; of Concert only Till and Timeout.
type TerminalSettings struct {
	Version     string `json:"version"`      // of Caisse-AP: one of TerminalVersions
	Till        string `json:"till"`         // number of this till, two digits
	Identifier  string `json:"identifier"`   // of the till's protocol, 12 digits
	EndOfLine   bool   `json:"end_of_line"`  // it waits for an end of line after a request
	PrivateData string `json:"private_data"` // what becomes of our reference: one of PrivateDatas

	TicketReturn string `json:"ticket_return"` // what becomes of the card's slip: one of TicketReturns
	Timeout      int    `json:"timeout"`       // seconds until a payment that is not answered is unknown: TerminalTimes; 0 is the longest
}

// Protocols of card terminals.
const (
	ProtocolCaisseAP = "caisse-ap" // over the network
	ProtocolConcert  = "concert"   // E+, over a serial line
)

// TerminalVersions lists the versions of Caisse-AP.
func TerminalVersions() []string { return []string{"0300", "0301", "0310", "0320"} }

// PrivateDatas lists what a terminal does with our reference: it cannot read it, it may give it back or not, it gives it back.
func PrivateDatas() []string { return []string{"sent", "echoed", "none"} }

// TicketReturns lists what a terminal can be told of the card's slip: nothing, it prints it, it sends it to the till.
func TicketReturns() []string { return []string{"", "000", "100"} }

// TerminalTimes are the shortest and the longest time that a terminal may be given to answer, in seconds. A shorter one would
// leave the payments of customers who look for their card unknown.
func TerminalTimes() (shortest, longest int) { return 30, 180 }

// Limits and defaults of terminals.
const (
	maxTerminals      = 20
	maxTerminalRunes  = 24
	maxURIRunes       = 200
	defaultVersion    = "0300"
	defaultTill       = "01"
	defaultIdentifier = "012345678901"
	topicDevices      = "devices"  // of settings of what hangs on the till
	trialScheme       = "virtual:" // of a terminal to try with: it approves what nobody pays, and is for demonstrations only
)

var (
	errTerminal      = fault.New(fault.NotFound, "terminal.unknown", "There is no terminal of this name.")
	errNoTerminal    = fault.New(fault.Conflict, "terminal.none", "No card terminal is linked.")
	errTerminalDraft = fault.New(fault.Invalid, "terminal.invalid", "Something of the terminal is not as it should be; the fields say what.")
	errTerminals     = fault.New(fault.Conflict, "terminals.full", "Too many terminals are linked.").With("max", maxTerminals)
	errTerminalInUse = fault.New(fault.Conflict, "terminal.in_use", "The terminal is being asked for a payment.")

	digits2 = regexp.MustCompile(`^[0-9]{2}$`)
	signs12 = regexp.MustCompile(`^[0-9A-Z]{12}$`)
	linkURI = regexp.MustCompile(`^(tcp://[^\s/:]+(:[0-9]{1,5})?|serial:///\S+|virtual:)$`)
)

// check cleans a terminal, and refuses what no terminal could be reached by, every field at once.
func (c *CardTerminal) check() error {
	var bad checker
	bad.optional("name", &c.Name, maxTerminalRunes)
	if c.Name == "" {
		bad.add("name", "required", nil)
	}
	bad.optional("uri", &c.URI, maxURIRunes)
	if c.Protocol != ProtocolCaisseAP && c.Protocol != ProtocolConcert {
		bad.add("protocol", "one_of", nil)
	}
	switch scheme, _, _ := strings.Cut(c.URI, ":"); {
	case !linkURI.MatchString(c.URI), c.Protocol == ProtocolCaisseAP && scheme == "serial", c.Protocol == ProtocolConcert && scheme == "tcp":
		bad.add("uri", "terminal_uri", nil)
	}
	if c.Version == "" {
		c.Version = defaultVersion
	}
	if !slices.Contains(TerminalVersions(), c.Version) {
		bad.add("version", "one_of", nil)
	}
	if c.Till == "" {
		c.Till = defaultTill
	}
	if !digits2.MatchString(c.Till) {
		bad.add("till", "digits", map[string]any{"n": 2})
	}
	if c.Identifier == "" {
		c.Identifier = defaultIdentifier
	}
	if !signs12.MatchString(c.Identifier) {
		bad.add("identifier", "digits", map[string]any{"n": 12})
	}
	if c.PrivateData == "" {
		c.PrivateData = PrivateDatas()[0]
	}
	if !slices.Contains(PrivateDatas(), c.PrivateData) {
		bad.add("private_data", "one_of", nil)
	}
	if !slices.Contains(TicketReturns(), c.TicketReturn) {
		bad.add("ticket_return", "one_of", nil)
	}
	c.Timeout = timeOr(c.Timeout)
	if low, high := TerminalTimes(); c.Timeout < low || c.Timeout > high {
		bad.add("timeout", "terminal_time", map[string]any{"min": low, "max": high})
	}
	return bad.refusal(errTerminalDraft)
}

// timeOr is the time that is said, or the one that is usual.
func timeOr(seconds int) int {
	if seconds == 0 {
		_, seconds = TerminalTimes()
	}
	return seconds
}

// Check refuses a terminal that SaveTerminal would refuse: terminal.invalid, every field at once.
func (c CardTerminal) Check() error { return c.check() }

// CardTerminals lists the café's terminals, by name.
func (t *Till) CardTerminals(ctx context.Context) ([]CardTerminal, error) {
	return loadTerminals(ctx, t.db.Reader())
}

func loadTerminals(ctx context.Context, q data.Querier) ([]CardTerminal, error) {
	return data.All(ctx, q, func(r *data.Rows) (c CardTerminal, err error) {
		var settings string
		if err := r.Scan(&c.Name, &c.Protocol, &c.URI, &settings); err != nil {
			return c, err
		}
		if err := json.Unmarshal([]byte(settings), &c.TerminalSettings); err != nil {
			return c, fmt.Errorf("terminal %s: %w", c.Name, err)
		}
		c.Timeout = timeOr(c.Timeout) // one that was linked before there was a choice
		return c, nil
	}, `SELECT name, protocol, uri, settings FROM terminals ORDER BY name LIMIT ?`, maxTerminals)
}

func terminalNamed(ctx context.Context, q data.Querier, name string) (CardTerminal, error) {
	all, err := loadTerminals(ctx, q)
	if err != nil {
		return CardTerminal{}, err
	}
	if i := slices.IndexFunc(all, func(c CardTerminal) bool { return c.Name == name }); i >= 0 {
		return all[i], nil
	}
	return CardTerminal{}, errTerminal.With("terminal", name)
}

// values are a terminal as it is journaled; none of the terminal is empty.
func (c CardTerminal) values() map[string]any {
	if c.Name == "" {
		return map[string]any{}
	}
	return map[string]any{"protocol": c.Protocol, "uri": c.URI, "version": c.Version, "till": c.Till, "identifier": c.Identifier,
		"end_of_line": c.EndOfLine, "private_data": c.PrivateData, "ticket_return": c.TicketReturn, "timeout": c.Timeout}
}

// SaveTerminal links a terminal, or changes the one of that name; the journal has what it was and is.
// Refusals: right.missing, terminal.invalid (its fields say why; terminal_trial for a terminal to try with in a real café),
// terminals.full.
func (t *Till) SaveTerminal(ctx context.Context, by By, c CardTerminal) (CardTerminal, error) {
	if err := by.mustManage(); err != nil {
		return CardTerminal{}, err
	}
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (CardTerminal, error) {
		if err := c.check(); err != nil {
			return c, err
		}
		if strings.HasPrefix(c.URI, trialScheme) && !t.identity.Demo {
			return c, errTerminalDraft.Field("uri", "terminal_trial")
		}
		all, err := loadTerminals(ctx, tx)
		if err != nil {
			return c, err
		}
		var old CardTerminal
		if i := slices.IndexFunc(all, func(o CardTerminal) bool { return o.Name == c.Name }); i >= 0 {
			old = all[i]
		}
		switch {
		case old == c:
			return c, nil
		case old.Name == "" && len(all) >= maxTerminals:
			return c, errTerminals
		}
		settings, err := json.Marshal(c.TerminalSettings)
		if err != nil {
			return c, fmt.Errorf("terminal %s: %w", c.Name, err)
		}
		if _, err := tx.Exec(ctx, `INSERT INTO terminals (name, protocol, uri, settings) VALUES (?, ?, ?, ?)
			ON CONFLICT (name) DO UPDATE SET protocol = excluded.protocol, uri = excluded.uri, settings = excluded.settings`,
			c.Name, c.Protocol, c.URI, string(settings)); err != nil {
			return c, err
		}
		return c, t.deviceChanged(ctx, tx, by, "terminal", c.Name, old.values(), c.values())
	})
}

// deviceChanged journals and records a change of what hangs on the till.
func (t *Till) deviceChanged(ctx context.Context, tx *data.Tx, by By, what, name string, before, after map[string]any) error {
	seq, err := t.configured(ctx, tx, by, what, name, before, after)
	if err != nil {
		return err
	}
	return tx.Record(data.Event{Type: what + ".changed", Topics: []string{topicDevices}, Body: map[string]any{"journal": []int64{seq}}})
}

// RemoveTerminal takes a terminal away; what it was asked stays. Refusals: right.missing, terminal.unknown, terminal.in_use.
func (t *Till) RemoveTerminal(ctx context.Context, by By, name string) (CardTerminal, error) {
	if err := by.mustManage(); err != nil {
		return CardTerminal{}, err
	}
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (CardTerminal, error) {
		old, err := terminalNamed(ctx, tx, name)
		if err != nil {
			return old, err
		}
		if _, err := freeTerminal(ctx, tx, name); err != nil {
			if errors.Is(err, errChargeBusy) || fault.CodeOf(err) == errChargeBusy.Code {
				return old, errTerminalInUse.With("terminal", name)
			}
			return old, err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM terminals WHERE name = ?`, name); err != nil {
			return old, err
		}
		return old, t.deviceChanged(ctx, tx, by, "terminal", name, old.values(), map[string]any{})
	})
}

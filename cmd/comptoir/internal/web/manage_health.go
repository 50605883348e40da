package web

import (
	"context"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/health"
	"comptoir/pos"
	"comptoir/receipts/journal"
)

// Addresses of the pages of the machine.
const (
	healthPagePath = "/manage/health"
	speedPath      = "/manage/speed"
)

// certificateNear is how long before its end a certificate that has not renewed itself is told of; one lasts months, and is
// replaced by itself long before (authority).
const certificateNear = 7 * 24 * time.Hour

// healthView is how the till is, one line a matter.
type healthView struct {
	base
	Worst health.State
	Rows  []healthRow
}

// healthRow is one matter: how it stands and, when it is not well, what to do.
type healthRow struct {
	health.Finding
	Name, Icon, Says, Do, Link string
}

// machinePage serves GET /manage/health.
func (s *Server) machinePage(c *fiber.Ctx) error {
	v := healthView{base: s.newBase(c, "health.title", "manage")}
	v.Section, v.Part = "machine", "health"
	found := s.Health(c.UserContext())
	v.Worst = health.Worst(found)
	for _, f := range found {
		v.Rows = append(v.Rows, v.healthRow(f))
	}
	slices.SortStableFunc(v.Rows, func(a, b healthRow) int { // what wants somebody first
		if a.State.Worse(b.State) {
			return -1
		}
		if b.State.Worse(a.State) {
			return 1
		}
		return 0
	})
	return s.page(c, http.StatusOK, "manage_health", v)
}

// Health tells how every matter of the till stands now: those of the pages' own, and those of Config.Health.
func (s *Server) Health(ctx context.Context) []health.Finding {
	return health.Gather(ctx, append([]health.Source{s.ownHealth}, s.sources...)...)
}

// ownHealth are the matters that the pages themselves can tell.
func (s *Server) ownHealth(ctx context.Context) []health.Finding {
	found := append(s.diskHealth(), s.journalHealth(ctx)...)
	found = append(found, s.deviceHealth(ctx)...)
	found = append(found, s.copyHealth())
	found = append(found, s.backupHealth(ctx)...)
	found = append(found, s.codeHealth()...)
	found = append(found, s.restoreHealth(ctx)...)
	if s.network.Authority != nil || s.network.Trouble != nil {
		found = append(found, s.certificateHealth())
	}
	head, _ := s.till.Journal().Head()
	return append(found,
		health.Finding{Matter: health.Version, State: health.Good, Code: "ok", Args: map[string]any{"version": s.till.Software(), "core": journal.CoreVersion}},
		s.epochHealth(head))
}

// epochHealth is which life of the café this is, and whether a place names a newer one. What nothing proves holds no till; what
// somebody has sealed with other keys may be a second till with the same numbers.
func (s *Server) epochHealth(head int64) health.Finding {
	f := health.Finding{Matter: health.Epoch, State: health.Good, Code: "ok", Args: map[string]any{"epoch": s.till.DB().Epoch(), "seq": head}}
	if s.copies == nil || s.copies.Sighted == nil {
		return f
	}
	seen, found := s.copies.Sighted()
	if !found {
		return f
	}
	f.Args["file"], f.Args["machine"], f.Args["at"] = seen.File, seen.Machine, seen.When
	if f.State, f.Code = health.Look, "unproven"; seen.Sealed {
		f.State, f.Code = health.Grave, "stranger"
	}
	return f
}

// diskHealth is the space on the disk and how long it takes for a sale.
func (s *Server) diskHealth() []health.Finding {
	room := health.Finding{Matter: health.Disk, State: health.Good, Code: "ok"}
	space, err := s.room(s.till.DB().Dir())
	switch {
	case err != nil:
		room.State, room.Code = health.Look, "unknown"
	case space.ReadOnly:
		room.State, room.Code = health.Grave, "read_only"
	case space.Short():
		room.State, room.Code = health.Grave, "short"
	case space.Low():
		room.State, room.Code = health.Look, "low"
	}
	room.Args = map[string]any{"free": health.Bytes(space.Free), "total": health.Bytes(space.Total)}
	if s.till.DB().Err() != nil {
		room.State, room.Code = health.Grave, "failed"
	}
	t := s.till.DB().CommitTimes()
	commit := health.Finding{Matter: health.Commit, State: health.Good, Code: "ok", Args: map[string]any{"p50": t.P50, "p95": t.P95, "count": int(t.Count)}}
	switch {
	case t.Recent == 0:
		commit.Code = "none"
	case t.Slow():
		commit.State, commit.Code = health.Look, "slow"
	}
	return []health.Finding{room, commit}
}

// journalHealth is the last verification, what nobody has taken note of, the second head and the clock.
func (s *Server) journalHealth(ctx context.Context) []health.Finding {
	v, err := s.till.Verified(ctx)
	if err != nil {
		return []health.Finding{{Matter: health.Journal, State: health.Grave, Code: "unreadable"}}
	}
	verified := health.Finding{Matter: health.Journal, State: health.Good, Code: "ok", Args: map[string]any{"at": v.At, "seq": v.To, "count": v.Unseen}}
	switch {
	case v.Unseen > 0:
		verified.State, verified.Code = health.Grave, "alerts"
	case v.At.IsZero():
		verified.State, verified.Code = health.Good, "never"
	case v.Due:
		verified.State, verified.Code = health.Look, "due"
	}
	head := health.Finding{Matter: health.Head, State: health.Good, Code: "ok"}
	if s.till.Journal().SecondHead() != nil {
		head.State, head.Code = health.Look, "second"
	}
	clock := health.Finding{Matter: health.Clock, State: health.Good, Code: "ok", Args: map[string]any{"at": s.till.DB().Now()}}
	switch {
	case v.Behind:
		clock.State, clock.Code = health.Grave, "behind"
	case s.till.DB().ClockAhead() != nil:
		clock.State, clock.Code = health.Grave, "ahead"
	}
	return []health.Finding{verified, head, clock}
}

// deviceHealth are printers and card terminals. A till without any is well.
func (s *Server) deviceHealth(ctx context.Context) []health.Finding {
	printers := health.Finding{Matter: health.Printers, State: health.Good, Code: "none"}
	var blocked, care []string
	asking := 0
	states := s.devices.Printers(ctx)
	for _, p := range states {
		asking += p.Asking
		switch {
		case p.Blocked:
			blocked = append(blocked, p.Name)
		case p.Code != "":
			care = append(care, p.Name)
		}
	}
	printers.Args = map[string]any{"count": len(states), "asking": asking, "which": strings.Join(append(blocked, care...), ", ")}
	switch {
	case len(blocked) > 0:
		printers.State, printers.Code = health.Grave, "blocked"
	case len(care) > 0:
		printers.State, printers.Code = health.Look, "care"
	case asking > 0:
		printers.State, printers.Code = health.Look, "asking"
	case len(states) > 0:
		printers.Code = "ok"
	}
	terminals := health.Finding{Matter: health.Terminals, State: health.Good, Code: "none"}
	all, err := s.till.CardTerminals(ctx)
	if err != nil {
		return []health.Finding{printers, {Matter: health.Terminals, State: health.Grave, Code: "unreadable"}}
	}
	if len(all) > 0 {
		terminals.Code, terminals.Args = "ok", map[string]any{"count": len(all)}
	}
	return []health.Finding{printers, terminals}
}

func (s *Server) certificateHealth() health.Finding {
	if err := s.network.Trouble; err != nil {
		return health.Finding{Matter: health.Certificate, State: health.Grave, Code: "unusable", Args: map[string]any{"what": err.Error()}}
	}
	root, now := s.network.Authority.Root(), s.clock.Now()
	ends := root.NotAfter
	f := health.Finding{Matter: health.Certificate, State: health.Good, Code: "ok", Args: map[string]any{"at": ends}}
	leaf := s.network.Authority.Ends()
	switch {
	case now.After(ends):
		f.State, f.Code = health.Grave, "over"
	case now.Before(root.NotBefore):
		f.State, f.Code, f.Args["at"] = health.Grave, "early", root.NotBefore
	case ends.Sub(now) < rootNear:
		f.State, f.Code = health.Look, "near"
	case !leaf.IsZero() && leaf.Sub(now) < certificateNear && s.secure != nil:
		f.State, f.Code, f.Args["at"] = health.Look, "stale", leaf
	}
	return f
}

// rootNear is how long before the end of the café's own authority its tablets have to be told of another.
const rootNear = 60 * 24 * time.Hour

// healthRow words a finding. What has no words yet is told by its code: a new source is seen, not lost.
func (b base) healthRow(f health.Finding) healthRow {
	row := healthRow{Finding: f, Name: f.Matter, Says: f.Code, Icon: "check", Link: healthLink(f)}
	if key := "health." + f.Matter; b.Has(key) {
		row.Name = b.T(key)
	}
	args := b.healthArgs(f.Args)
	if code, failed := f.Args["code"].(string); failed { // what went wrong is told in words
		why := code
		if b.Has("error." + code) {
			why = b.T("error." + code)
		}
		args = append(args, "why", why)
	}
	key := "health." + f.Matter + "." + f.Code
	if b.Has(key) {
		row.Says = b.T(key, args...)
	}
	if b.Has(key + ".do") {
		row.Do = b.T(key+".do", args...)
	}
	if f.State != health.Good {
		row.Icon = "circle-alert"
	}
	return row
}

// healthArgs writes the values of a finding for a person.
func (b base) healthArgs(values map[string]any) []any {
	var args []any
	for _, name := range slices.Sorted(maps.Keys(values)) {
		text := values[name]
		switch x := values[name].(type) {
		case time.Time:
			text = b.When(x)
		case time.Duration:
			text = b.Span(x)
		case health.Bytes:
			text = b.Size(int64(x))
		case int:
			text = b.Number(x)
		}
		args = append(args, name, text)
	}
	return args
}

// Size writes a size in the unit that a person reads.
func (b base) Size(bytes int64) string {
	const step = 1000.0
	unit, n := "b", float64(bytes)
	for _, next := range []string{"kb", "mb", "gb", "tb"} {
		if n < step {
			break
		}
		unit, n = next, n/step
	}
	return b.T("unit."+unit, "n", b.short(n))
}

// Span writes how long something took or lasts in the unit that a person reads.
func (b base) Span(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	for _, unit := range []struct {
		name    string
		holds   float64 // milliseconds
		through time.Duration
	}{{"ms", 1, time.Second}, {"s", 1000, 2 * time.Minute}, {"min", 60_000, 2 * time.Hour}, {"h", 3_600_000, 48 * time.Hour}} {
		if d < unit.through {
			return b.T("unit."+unit.name, "n", b.short(ms/unit.holds))
		}
	}
	return b.T("unit.d", "n", b.short(math.Floor(d.Hours()/24)))
}

// short writes a number with one digit behind the point when it is small.
func (b base) short(n float64) string {
	if n >= 10 || n == math.Trunc(n) {
		return b.Number(int(math.Round(n)))
	}
	return b.Decimal(n)
}

// healthLink is where a manager mends a matter; "": nowhere on the till.
func healthLink(f health.Finding) string {
	switch f.Matter {
	case health.Data, health.Copy, health.Backup, health.Code, health.Rehearsal, health.Restore:
		return "/manage/backup"
	case health.Journal:
		if f.State != health.Good {
			return alertsPath
		}
	case health.Printers:
		if f.Code == "asking" {
			return printingPath
		}
		return printersPath
	case health.Terminals:
		return terminalsPath
	case health.Certificate:
		return networkPath
	case health.Commit:
		return speedPath
	case health.Version:
		return aboutPath
	}
	return ""
}

// healthMatters is one line on the page of the day when something of the machine wants somebody. Journal, head and clock have
// lines of their own there.
func (s *Server) healthMatters(ctx context.Context, v *todayView) {
	var names []string
	worst := health.Good
	for _, f := range s.Health(ctx) {
		switch f.Matter {
		case health.Journal, health.Head, health.Clock:
			continue
		}
		if f.State == health.Good || f.Code == "none" { // what was never set up is told on its own page
			continue
		}
		if row := v.healthRow(f); f.Matter == health.Disk && row.Do != "" { // what ends the selling is told with its figures
			v.Matters = append(v.Matters, matterView{"hard-drive", v.T("health.room", "says", row.Says, "do", row.Do), v.healthLink()})
			continue
		}
		if f.State.Worse(worst) {
			worst = f.State
		}
		names = append(names, v.healthRow(f).Name)
	}
	if worst == health.Good {
		return
	}
	v.Matters = append(v.Matters, matterView{"hard-drive", v.T("health.matter", "which", strings.Join(names, ", ")), v.healthLink()})
}

// healthLink leads to the page of the machine whoever may open it.
func (v *todayView) healthLink() string {
	if v.Operator.Role != pos.RoleManager {
		return ""
	}
	return healthPagePath
}

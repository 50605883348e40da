package web

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/replica"
	"comptoir/data/fault"
	"comptoir/pos"
)

const backupPath = "/manage/backup"

// Copies is the copy of the café in a second place, as pages work with it.
type Copies struct {
	State    func() replica.State
	Settings func() (replica.Settings, error)
	Use      func(context.Context, replica.Settings) error // kept, and followed at once
	BackUp   func(context.Context, pos.By) error           // begins a backup, whose end the journal tells; nil: none can be made
	Code     func(context.Context) (string, error)         // draws the recovery code, which is told this once
	HasCode  func() bool
	Sighted  func() (Sighting, bool) // a newer machine that proves nothing; nil: nobody looks

	OnThisDisk func() string // folder for backups that is on the disk of the data; nil: nobody looks
}

// Sighting is what a place says of a newer machine of the café, without the proof that only the café's keys can give.
type Sighting struct {
	File    string // that says it, with its place
	Machine string
	When    time.Time
	Sealed  bool // with other keys than the café's: a machine that was restored without them does that
}

// CopyPlan is what the journal keeps of the settings of copies: no secret.
func CopyPlan(s replica.Settings) pos.CopyPlan {
	return pos.CopyPlan{Target: s.Target, Wait: s.Wait, Stick: s.Stick, Nightly: s.Nightly}
}

// errNoCopies is told where copies cannot be set up.
var errNoCopies = fault.New(fault.Conflict, "copy.none", "This service keeps no copies.")

// backupView is the page of copies and backups.
type backupView struct {
	base
	Plan     replica.Settings // without secrets
	State    replica.State
	Says     string // how the copy is, in a sentence
	Good     bool
	Secrets  bool // some are kept
	Trial    *placeTrialView
	Backups  []pos.Backup
	Restored *pos.Restore // nil: never
	Sealed   bool         // there is a recovery code
	Code     string       // drawn just now; shown this once
}

// placeTrial is what trying a place has shown.
type placeTrial struct {
	target string
	code   string // empty: it works
	absent bool   // a folder that is not there
	write  time.Duration
	read   time.Duration
}

type placeTrialView struct {
	Target, Says, Trouble string
}

// backupPage serves GET /manage/backup.
func (s *Server) backupPage(c *fiber.Ctx) error { return s.showBackup(c, http.StatusOK, nil) }

func (s *Server) showBackup(c *fiber.Ctx, status int, trouble *troubleView) error {
	return s.showBackupCode(c, status, trouble, "")
}

func (s *Server) showBackupCode(c *fiber.Ctx, status int, trouble *troubleView, code string) error {
	v := backupView{base: s.newBase(c, "backup.title", "manage"), Code: code}
	v.Section, v.Part, v.Trouble = "machine", "backup", trouble
	if s.copies != nil {
		settings, err := s.copies.Settings()
		if err != nil {
			v.Says = v.T("error." + fault.CodeOf(err))
		} else {
			v.Secrets = settings.Password != "" || settings.Secret != ""
		}
		settings.Password, settings.AccessKey, settings.Secret = "", "", ""
		if trouble != nil { // what was ticked stays
			settings.Wait, settings.Nightly = c.FormValue("wait") != "", c.FormValue("nightly") != ""
		}
		v.Plan, v.State = settings, s.copies.State()
		v.Sealed = s.copies.HasCode != nil && s.copies.HasCode()
	}
	if v.Says == "" {
		v.Says, v.Good = v.copySays(v.State)
	}
	var err error
	if v.Backups, err = s.till.Backups(c.UserContext(), backupsShown); err != nil {
		return err
	}
	if r, found, err := s.till.LastRestore(c.UserContext()); err != nil {
		return err
	} else if found {
		v.Restored = &r
	}
	if t := s.trial.Load(); t != nil && (t.target == v.Plan.Target || c.Query("done") == "place_tried") {
		if v.Trial = v.trialView(*t); v.Trial.Trouble != "" && c.Query("done") == "place_tried" {
			v.Done = "" // the place says for itself that it was tried
		}
	}
	return s.page(c, status, "manage_backup", v)
}

// backupsShown is how many backups and rehearsals the page lists.
const backupsShown = 12

// When words an instant of the past.
func (b base) When(at time.Time) string {
	at = at.In(b.zone)
	return b.Date(at) + " " + b.Time(at)
}

// BackupSays words what became of a backup.
func (v backupView) BackupSays(b pos.Backup) string {
	switch {
	case b.OK:
		return v.T("backup.made_ok")
	case v.Has("error." + b.Code):
		return v.T("error." + b.Code)
	}
	return v.T("backup.made_not")
}

// copySays words how a copy is.
func (b base) copySays(s replica.State) (text string, good bool) {
	switch {
	case s.Target == "" && s.Code == "":
		return b.T("backup.none"), false
	case s.Code != "" && s.Behind > behindFrom:
		return b.T("error."+s.Code) + " " + b.T("backup.behind", "for", b.Span(s.Behind)), false
	case s.Code != "":
		return b.T("error." + s.Code), false
	case s.Behind > behindFrom:
		return b.T("backup.behind", "for", b.Span(s.Behind)), false
	}
	return b.T("backup.up_to_date"), true
}

// behindFrom is how old a change has to be before a copy that lacks it is said to be behind.
const behindFrom = 10 * time.Second

func (b base) trialView(t placeTrial) *placeTrialView {
	v := &placeTrialView{Target: t.target}
	if t.code != "" {
		if v.Trouble = b.T("error." + t.code); t.absent {
			v.Trouble = b.T("backup.no_folder")
		}
		return v
	}
	v.Says = b.T("backup.tried", "write", b.Span(t.write), "read", b.Span(t.read))
	return v
}

// planOf reads the form. A secret that is not typed again stays, as long as the place stays.
func (s *Server) planOf(c *fiber.Ctx) (was, plan replica.Settings, err error) {
	if s.copies == nil {
		return was, plan, errNoCopies
	}
	if was, err = s.copies.Settings(); err != nil {
		was = replica.Settings{} // what cannot be read is replaced
	}
	field := func(name string) string { return strings.TrimSpace(c.FormValue(name)) }
	plan = replica.Settings{Target: field("target"), Wait: field("wait") != "", Stick: field("stick"), Nightly: field("nightly") != "",
		Password: field("password"), AccessKey: field("access_key"), Secret: field("secret")}
	target, err := plan.Place()
	if err != nil {
		return was, plan, targetRefusal(err)
	}
	if plan.Target = target.String(); plan.Target == was.Target {
		if plan.Password == "" {
			plan.Password = was.Password
		}
		if plan.Secret == "" {
			plan.AccessKey, plan.Secret = was.AccessKey, was.Secret
		}
	}
	if plan.Stick != "" {
		if stick, err := replica.ParseTarget(plan.Stick); err != nil || stick.Kind != replica.Folder {
			return was, plan, fault.New(fault.Invalid, "copy.target", "A stick is a folder.").Field("stick", "invalid")
		}
	}
	return was, plan, nil
}

// targetRefusal names the one field of the form, whatever part of the address is wrong.
func targetRefusal(err error) error {
	f, ok := fault.As(err)
	if !ok {
		return err
	}
	refusal := *f
	refusal.Fields = []fault.Field{{Name: "target", Code: "invalid"}}
	return &refusal
}

// saveCopies serves POST /manage/backup.
func (s *Server) saveCopies(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showBackup(c, status, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	was, plan, err := s.planOf(c)
	if err != nil {
		return err
	}
	err = s.till.ChangeCopies(c.UserContext(), by, CopyPlan(was), CopyPlan(plan), func() error { return s.copies.Use(c.UserContext(), plan) })
	if err != nil {
		return err
	}
	return s.done(c, backupPath, "copies_saved")
}

// tryPlace serves POST /manage/backup/test: a small file is written there, read again and taken away.
func (s *Server) tryPlace(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showBackup(c, status, t) })
	_, plan, err := s.planOf(c)
	if err != nil {
		return err
	}
	target, err := plan.Place()
	if err == nil && target.Kind == "" {
		err = targetRefusal(fault.New(fault.Invalid, "copy.target", "There is no place to try."))
	}
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), placeLimit)
	defer cancel()
	t := placeTrial{target: target.String()}
	t.write, t.read, err = replica.Try(ctx, target)
	if err != nil {
		t.code = fault.CodeOf(err)
		if errors.Is(err, context.DeadlineExceeded) {
			t.code = "copy.unreachable"
		}
		if target.Kind == replica.Folder {
			_, missing := os.Stat(target.Path)
			t.absent = errors.Is(missing, fs.ErrNotExist)
		}
	}
	s.trial.Store(&t)
	return s.done(c, backupPath, "place_tried")
}

// placeLimit is how long a place that is tried may take: less than a request may.
const placeLimit = 4 * time.Second

// copyStatus is how the copy in the second place is.
type copyStatus struct {
	Target string     `json:"target"`       // without secrets; empty: none is kept
	Code   string     `json:"code"`         // empty: all is well
	Behind int64      `json:"behind_ms"`    // since when the place lacks something
	At     *time.Time `json:"at,omitempty"` // when it had everything last
	Size   int64      `json:"size"`         // bytes of the database
	Wait   bool       `json:"wait"`         // commands are answered when the place has them
}

// getCopyStatus serves GET /api/v1/backup/status.
func (s *Server) getCopyStatus(*fiber.Ctx) (copyStatus, error) {
	if s.copies == nil {
		return copyStatus{}, nil
	}
	state := s.copies.State()
	status := copyStatus{Target: state.Target, Code: state.Code, Behind: state.Behind.Milliseconds(), Size: state.Size, Wait: state.Wait}
	if !state.At.IsZero() {
		status.At = &state.At
	}
	return status, nil
}

// backupCalls are the calls of copies.
func (s *Server) backupCalls() []route {
	return []route{{http.MethodGet, apiPrefix + "/backup/status", []pos.Role{pos.RoleManager}, read(s.getCopyStatus)}}
}

package web

import (
	"context"
	"time"

	"comptoir/cmd/comptoir/internal/health"
	"comptoir/cmd/comptoir/internal/replica"
	"comptoir/pos"
)

// copyLate is how far behind a copy may be before somebody has to do something now: a stick that was not put back.
const copyLate = 24 * time.Hour

// copyHealth is the continuous copy in a second place. A demonstration needs none.
func (s *Server) copyHealth() health.Finding {
	f := health.Finding{Matter: health.Copy, State: health.Good, Code: "none"}
	var state replica.State
	if s.copies != nil {
		state = s.copies.State()
	}
	f.Args = map[string]any{"behind": state.Behind}
	switch {
	case state.Code == "copy.begun":
		f.State, f.Code = health.Look, "begun"
	case state.Code != "":
		f.State, f.Code, f.Args["code"] = health.Look, "failed", state.Code
		if state.Behind > behindFrom {
			f.Code = "late"
		}
		if state.Behind > copyLate || state.Code == "copy.replaced" || state.Code == "copy.stranger" {
			f.State = health.Grave
		}
	case state.Target == "":
		if !s.till.Identity().Demo {
			f.State = health.Look
		}
	case state.Behind > behindFrom:
		if f.State, f.Code = health.Look, "behind"; state.Behind > copyLate { // a place that lets nothing come back
			f.State = health.Grave
		}
	case state.SameDisk && !s.till.Identity().Demo:
		f.State, f.Code = health.Look, "same_disk"
	default:
		f.Code = "ok"
	}
	return f
}

// codeHealth is whether the keys come back with the copies; nothing where none are kept. A demonstration's need not.
func (s *Server) codeHealth() []health.Finding {
	if s.copies == nil || s.copies.Settings == nil || s.copies.HasCode == nil || s.till.Identity().Demo {
		return nil
	}
	plan, err := s.copies.Settings()
	switch {
	case err != nil || plan.Target+plan.Stick == "": // what cannot be read is told of the copy
		return nil
	case s.copies.HasCode():
		return []health.Finding{{Matter: health.Code, State: health.Good, Code: "ok"}}
	}
	return []health.Finding{{Matter: health.Code, State: health.Look, Code: "none"}}
}

// restoreHealth is the last time the data were put back; nothing when they never were.
func (s *Server) restoreHealth(ctx context.Context) []health.Finding {
	r, found, err := s.till.LastRestore(ctx)
	if err != nil {
		return []health.Finding{{Matter: health.Restore, State: health.Grave, Code: "unreadable"}}
	}
	if !found {
		return nil
	}
	f := health.Finding{Matter: health.Restore, State: health.Good, Code: "ok", Args: map[string]any{"at": r.At, "copied": r.Copied}}
	if !r.Seen {
		f.State, f.Code = health.Look, "unseen"
	}
	return []health.Finding{f}
}

// Ages from which a backup and a rehearsal should be looked at.
const (
	backupOld    = 3 * 24 * time.Hour
	rehearsalOld = 3 * 24 * time.Hour
)

// backupHealth is what became of the last backup and of the last rehearsal of a restore. A demonstration needs neither.
func (s *Server) backupHealth(ctx context.Context) []health.Finding {
	all, err := s.till.Backups(ctx, backupsLooked)
	if err != nil {
		return []health.Finding{{Matter: health.Backup, State: health.Grave, Code: "unreadable"}}
	}
	here := ""
	if s.copies != nil && s.copies.OnThisDisk != nil && !s.till.Identity().Demo {
		here = s.copies.OnThisDisk()
	}
	last := func(matter string, old time.Duration, is func(pos.Backup) bool) health.Finding {
		f := health.Finding{Matter: matter, State: health.Look, Code: "none"}
		if s.till.Identity().Demo {
			f.State = health.Good
		}
		for _, b := range all {
			if !is(b) || b.Code == pos.BackupPending {
				continue
			}
			f.State, f.Code, f.Args = health.Good, "ok", map[string]any{"at": b.At}
			switch {
			case !b.OK:
				f.State, f.Code, f.Args["code"] = health.Grave, "failed", b.Code
			case s.till.DB().Now().Sub(b.At) > old && !s.till.Identity().Demo:
				f.State, f.Code = health.Look, "old"
			case here != "" && b.Place == here && matter == health.Backup:
				f.State, f.Code = health.Look, "same_disk"
			}
			break
		}
		return f
	}
	rehearsed := func(b pos.Backup) bool { return b.What == pos.BackupRehearsed }
	return []health.Finding{
		last(health.Backup, backupOld, func(b pos.Backup) bool { return !rehearsed(b) }),
		last(health.Rehearsal, rehearsalOld, rehearsed),
	}
}

// backupsLooked is among how many of the newest entries the last backup is looked for.
const backupsLooked = 50

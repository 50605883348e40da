package pos

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"comptoir/data"
	"comptoir/data/fault"
)

// errSettingsStale is told to whoever changes a setting that somebody else has changed since they read it.
var errSettingsStale = fault.New(fault.Conflict, "settings.stale", "Somebody else has changed a setting meanwhile; the fields say which.")

// ChangeSettings makes of the settings what wanted differs in from seen, the settings as they were when they were
// read: what somebody else has changed meanwhile, and is not wanted otherwise, stays. Refusals: right.missing,
// settings.invalid, settings.stale (a field for each setting that both changed, with args now and sent).
func (t *Till) ChangeSettings(ctx context.Context, by By, seen, wanted Settings) (Settings, error) {
	if err := by.mustManage(); err != nil {
		return Settings{}, err
	}
	saved, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Settings, error) {
		if err := wanted.check(); err != nil {
			return Settings{}, err
		}
		now, err := loadSettings(ctx, tx)
		if err != nil {
			return Settings{}, err
		}
		s, err := now.merged(seen, wanted)
		if err != nil || s == now {
			return s, err
		}
		if err := s.check(); err != nil { // each alone was right
			return Settings{}, err
		}
		return s, t.changeSettings(ctx, tx, by, now.values(), s.values())
	})
	return saved, err
}

// merged takes what wanted differs in from seen into the settings as they are.
func (s Settings) merged(seen, wanted Settings) (Settings, error) {
	was, is, sent := seen.values(), s.values(), wanted.values()
	stale := *errSettingsStale
	for _, key := range slices.Sorted(maps.Keys(sent)) {
		switch {
		case sent[key] == was[key] || sent[key] == is[key]:
		case is[key] != was[key]:
			stale.Fields = append(stale.Fields, fault.Field{Name: key, Code: "stale", Args: map[string]any{"now": is[key], "sent": sent[key]}})
		default:
			is[key] = sent[key]
		}
	}
	if len(stale.Fields) > 0 {
		return s, &stale
	}
	text, err := json.Marshal(is)
	if err != nil {
		return s, fmt.Errorf("settings: %w", err)
	}
	return s, json.Unmarshal(text, &s)
}

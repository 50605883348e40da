package replica

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"comptoir/data"
	"comptoir/data/fault"
)

// settingsFile is in the café's folder, for its owner only. It is no part of the database: that is copied and archived.
const settingsFile = "copies.json"

// Settings say where copies of a café go.
type Settings struct {
	Target  string `json:"target,omitempty"` // address of the second place, without secrets; empty: none
	Wait    bool   `json:"wait,omitempty"`   // a command is answered when the second place has it
	Stick   string `json:"stick,omitempty"`  // folder for a backup at each closing; empty: none
	Nightly bool   `json:"nightly"`          // the copy is restored every night, to see that it can be

	Password  string `json:"password,omitempty"`
	AccessKey string `json:"access_key,omitempty"`
	Secret    string `json:"secret,omitempty"`
}

var errSettings = fault.New(fault.Invalid, "copy.settings", "The file that says where copies go cannot be read.")

// ReadSettings reads where copies of the café in dir go. Nothing was set up: the zero value, with Nightly. Errors:
// copy.settings.
func ReadSettings(dir string) (Settings, error) {
	s := Settings{Nightly: true}
	text, err := os.ReadFile(filepath.Join(dir, settingsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err != nil {
		return Settings{Nightly: true}, errSettings.Wrap(err)
	}
	return s, nil
}

// WriteSettings replaces them in one step; the file is readable by its owner only. A target that cannot be read is
// copy.target.
func WriteSettings(dir string, s Settings) error {
	if _, err := s.Place(); err != nil {
		return err
	}
	text, err := json.MarshalIndent(s, "", "  ") //nolint:gosec // the secrets are what this file is for
	if err != nil {
		return fmt.Errorf("copies: %w", err)
	}
	return data.ReplaceFile(filepath.Join(dir, settingsFile), append(text, '\n'))
}

// Place is the target with its secrets; the zero Target when there is none.
func (s Settings) Place() (Target, error) {
	if s.Target == "" {
		return Target{}, nil
	}
	t, err := ParseTarget(s.Target)
	if err != nil {
		return t, err
	}
	t.Password, t.AccessKey, t.Secret = s.Password, s.AccessKey, s.Secret
	return t, nil
}

package data_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"comptoir/data"
)

func TestAFileIsReplacedInOneStep(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "head")
	for _, text := range []string{"a first one\n", "another\n"} {
		if err := data.ReplaceFile(name, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(name); err != nil || !bytes.Equal(got, []byte(text)) {
			t.Errorf("got %q, %v, want %q", got, err, text)
		}
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v, want a file for its owner only", info, err)
	}

	taken := filepath.Join(dir, "folder")
	if err := os.Mkdir(taken, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := data.ReplaceFile(taken, []byte("text")); err == nil {
		t.Error("a folder was replaced")
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 2 {
		t.Errorf("there are %v, %v, want the file and the folder", left, err)
	}
}

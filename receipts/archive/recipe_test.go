package archive_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"comptoir/receipts/archive"
)

// The commands of the notice, run as a person would type them (fiscal §6.8).
func TestTheRecipeOfTheNoticeWorksByHand(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"sh", "unzip", "openssl", "sha256sum", "awk"} {
		if _, err := exec.LookPath(tool); err != nil && os.Getenv("CI") == "" {
			t.Skipf("no %s here", tool)
		}
	}
	c := found(t)
	c.everyKind()
	made := c.write(archive.All)
	var script strings.Builder
	for l := range strings.Lines(strings.ReplaceAll(contents(t, made.Path)["LISEZMOI.txt"], "\r", "")) {
		if command, found := strings.CutPrefix(l, "    $ "); found {
			script.WriteString(command)
		}
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-e", "-c", script.String())
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "ARCHIVE="+made.Path)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if n := strings.Count(string(out), "Verified OK"); n != 2 {
		t.Errorf("%d times Verified OK, want 2\n%s", n, out)
	}
	if n := strings.Count(string(out), ": OK"); n != len(made.Manifest.Files) {
		t.Errorf("%d files OK of %d\n%s", n, len(made.Manifest.Files), out)
	}
	hashes := strings.Fields(string(out)[strings.Index(string(out), "message")-66:])
	if hashes[0] != hashes[2] || !strings.Contains(string(out), `"prev":"`+hashes[0]+`"`) {
		t.Errorf("the hashes differ\n%s", out)
	}
}

package pos_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"comptoir/data/datatest"
	"comptoir/pos"
	"comptoir/receipts/archive"
	"comptoir/receipts/journal"
)

// nextMonth closes what is open of November by selling in December.
func (c *cafe) nextMonth() {
	c.tb.Helper()
	c.sell("", line("cafe", 1), gift("cafe", 1))
	c.clock.Set(time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC))
	c.sell("", line("plat", 1))
}

func (c *cafe) folder() string { return archive.Folder(c.config.Dir) }

// archived is the names in the folder of the archives.
func (c *cafe) archived() []string {
	c.tb.Helper()
	all, err := os.ReadDir(c.folder())
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		c.tb.Fatal(err)
	}
	var names []string
	for _, e := range all {
		names = append(names, e.Name())
	}
	return names
}

// entriesOf counts the entries of a kind, or the events of a code.
func (c *cafe) entriesOf(kind journal.Kind, code journal.Code) int {
	c.tb.Helper()
	head, _ := c.Journal().Head()
	all, err := journal.OfKinds(ctx(), c.DB().Reader(), 0, head, kind)
	if err != nil {
		c.tb.Fatal(err)
	}
	n := 0
	for _, e := range all {
		var b journal.EventBody
		if kind != journal.KindEvent || e.Decode(&b) == nil && b.Code == code {
			n++
		}
	}
	return n
}

const november = "12345678200010_C1_2026-11.zip"

func TestAClosedMonthIsArchivedByItself(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	if n, err := c.ArchiveDue(ctx()); n != 0 || err != nil {
		t.Fatalf("with nothing closed: %d, %v", n, err)
	}
	c.nextMonth()
	for _, want := range []int{1, 0} {
		if n, err := c.ArchiveDue(ctx()); n != want || err != nil {
			t.Fatalf("%d archives, %v, want %d", n, err, want)
		}
	}
	all, _, err := c.Archives(ctx())
	if err != nil || len(all) != 1 || all[0].Name != november || !slices.Equal(c.archived(), []string{november}) {
		t.Fatalf("%+v, %v; in the folder %v", all, err, c.archived())
	}
	m, hash, err := archive.Verify(ctx(), filepath.Join(c.folder(), november))
	if err != nil || hash != all[0].Manifest || m.Period != "2026-11" {
		t.Errorf("%+v %s: %v", m, hash, err)
	}
	c.verify()
}

func TestArchivesFormAChainAndTheYearListsItsMonths(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	c.nextMonth()
	c.clock.Set(time.Date(2027, 1, 4, 9, 0, 0, 0, time.UTC))
	c.sell("", line("plat", 1))
	if n, err := c.ArchiveDue(ctx()); n != 3 || err != nil {
		t.Fatalf("%d archives, %v, want those of two months and a year", n, err)
	}
	all, _, err := c.Archives(ctx())
	if err != nil {
		t.Fatal(err)
	}
	year, _, err := archive.Verify(ctx(), filepath.Join(c.folder(), all[0].Name))
	if err != nil || len(year.Archives) != 2 || year.Archives[0].Manifest != all[2].Manifest || year.Archives[1].Manifest != all[1].Manifest ||
		year.Previous == nil || year.Previous.Manifest != all[1].Manifest {
		t.Errorf("%+v, %v", year, err)
	}
	if got := []archive.Kind{all[2].Kind, all[1].Kind, all[0].Kind}; !slices.Equal(got, []archive.Kind{archive.KindMonth, archive.KindMonth, archive.KindYear}) {
		t.Errorf("made in the order %v", got)
	}
	c.verify()
}

func TestAnArchiveAskedForTwiceIsTheSame(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	c.nextMonth()
	by := c.byManager()
	first, err := c.Archive(ctx(), by, pos.ArchiveRequest{Period: "2026-11"})
	if err != nil {
		t.Fatal(err)
	}
	for name, by := range map[string]pos.By{"the same command": by, "another": c.byManager(), "an accountant": {Operator: pos.Operator{Code: "EXP", Role: pos.RoleAccountant}, Command: c.cmd()}} {
		again, err := c.Archive(ctx(), by, pos.ArchiveRequest{Period: "2026-11"})
		if err != nil || again.Seq != first.Seq || again.SHA256 != first.SHA256 {
			t.Errorf("%s: %+v, %v", name, again, err)
		}
	}
	if n := c.entriesOf(journal.KindArchive, ""); n != 1 {
		t.Errorf("%d ARCHIVE entries", n)
	}
	days, err := c.Archive(ctx(), c.byManager(), pos.ArchiveRequest{From: "2026-11-21", To: "2026-11-22"})
	if err != nil || days.Kind != archive.KindDays {
		t.Errorf("%+v, %v", days, err)
	}
	c.verify()
}

func TestAnArchiveWhoseFileIsGoneOrAlteredIsMadeAgain(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	c.nextMonth()
	made, err := c.Archive(ctx(), c.byManager(), pos.ArchiveRequest{Period: "2026-11"})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(c.folder(), november)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, harm := range map[string]func() error{
		"gone": func() error { return os.Remove(path) },
		"cut":  func() error { return os.WriteFile(path, whole[:len(whole)/2], 0o600) },
		"altered": func() error {
			other := slices.Clone(whole)
			other[len(other)/2] ^= 1
			return os.WriteFile(path, other, 0o600)
		},
	} {
		if err := harm(); err != nil {
			t.Fatal(err)
		}
		if found, err := c.DB().Check(ctx()); err != nil || len(found) != 1 || !strings.Contains(found[0].Detail, "comptoir archive --month 2026-11") {
			t.Errorf("%s: the doctor says %v, %v", name, found, err)
		}
		again, err := c.Archive(ctx(), c.byManager(), pos.ArchiveRequest{Period: "2026-11"})
		if err != nil || again.Seq != made.Seq {
			t.Errorf("%s: %+v, %v", name, again, err)
		}
	}
	if now, err := os.ReadFile(path); err != nil || !slices.Equal(now, whole) {
		t.Errorf("made again, the file differs: %v", err)
	}
	if n := c.entriesOf(journal.KindArchive, ""); n != 1 {
		t.Errorf("%d ARCHIVE entries", n)
	}
}

// A power cut at any point leaves the archive with its entry, or neither (fiscal R74).
func TestWhateverIsInterruptedAnArchiveIsThereWithItsEntryOrNotAtAll(t *testing.T) {
	t.Parallel()
	fail := &datatest.FailAt{}
	c := openCafe(t, func(config *pos.Config) { config.Fault = fail.Fault })
	c.nextMonth()
	for n := 1; ; n++ {
		fail.Arm(n, "")
		_, err := c.ArchiveDue(ctx())
		hit := fail.Hit()
		fail.Arm(0, "")
		if c.DB().Err() != nil {
			c.reopen()
		}
		all, _, listed := c.Archives(ctx())
		if listed != nil {
			t.Fatal(listed)
		}
		if got := c.archived(); len(got) != len(all) || len(got) > 1 {
			t.Fatalf("step %d (%v): %d entries, files %v; %v", n, hit, len(all), got, err)
		}
		if len(all) == 1 {
			break
		}
		if n > 100 {
			t.Fatal("it never comes to an end")
		}
	}
	c.verify()
}

func TestWhatAPowerCutLeavesIsSettledAtTheNextStart(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	c.nextMonth()
	if _, err := c.ArchiveDue(ctx()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(c.folder(), november)
	for name, cut := range map[string]func() error{
		"before the name was given": func() error { return os.Rename(path, path+".new") },
		"in the middle of another": func() error {
			return os.WriteFile(filepath.Join(c.folder(), "12_C1_2026-12.zip.new"), []byte("PK"), 0o600)
		},
		"among the parts": func() error {
			return errors.Join(os.Mkdir(filepath.Join(c.folder(), "parts-1.new"), 0o700), os.WriteFile(filepath.Join(c.folder(), "parts-1.new", "000"), nil, 0o600))
		},
	} {
		if err := cut(); err != nil {
			t.Fatal(err)
		}
		c.reopen()
		if got := c.archived(); !slices.Equal(got, []string{november}) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestAFullDiskKeepsTheArchiveBackAndTheCafeSells(t *testing.T) {
	t.Parallel()
	free := int64(archive.Reserve)
	asked := 0
	c := openCafe(t, func(config *pos.Config) {
		config.Free = func(string) (int64, error) { asked++; return free - int64(asked), nil }
	})
	c.nextMonth()
	for _, left := range []int64{0, archive.Reserve, archive.Reserve + 2, archive.Reserve + 5} {
		free, asked = left, 0
		_, err := c.ArchiveDue(ctx())
		refused(t, err, "archive.disk")
		if got := c.archived(); len(got) != 0 {
			t.Errorf("left behind: %v", got)
		}
		c.sell("", line("cafe", 1))
	}
	if !slices.ContainsFunc(c.matters(), func(m pos.Matter) bool { return m == pos.Matter{Code: pos.MatterArchiveLate, Count: 1} }) {
		t.Errorf("nobody is told: %v", c.matters())
	}
	free, asked = 1<<40, 0
	if n, err := c.ArchiveDue(ctx()); n != 1 || err != nil {
		t.Errorf("with room again: %d, %v", n, err)
	}
}

func (c *cafe) matters() []pos.Matter {
	c.tb.Helper()
	o, err := c.Overview(ctx(), pos.SpanDay, "")
	if err != nil {
		c.tb.Fatal(err)
	}
	return o.Matters
}

func TestACopyElsewhereIsConfirmedByAPerson(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	c.nextMonth()
	if _, err := c.ArchiveDue(ctx()); err != nil {
		t.Fatal(err)
	}
	reminder := pos.Matter{Code: pos.MatterArchiveCopy, Count: 1}
	if !slices.Contains(c.matters(), reminder) {
		t.Errorf("nobody is reminded: %v", c.matters())
	}
	if _, err := c.ConfirmCopy(ctx(), c.by(), november); err == nil {
		t.Error("a barista confirmed it")
	}
	for range 2 {
		a, err := c.ConfirmCopy(ctx(), c.byManager(), november)
		if err != nil || a.CopiedBy != c.manager.Code || a.CopiedAt.IsZero() {
			t.Fatalf("%+v, %v", a, err)
		}
	}
	if n := c.entriesOf(journal.KindEvent, journal.EventArchiveCopied); n != 1 || slices.Contains(c.matters(), reminder) {
		t.Errorf("%d events; %v", n, c.matters())
	}
	_, err := c.ConfirmCopy(ctx(), c.byManager(), "x.zip")
	refused(t, err, "archive.unknown")
	c.reopen() // the log is in the file now
	for _, edit := range []string{"UPDATE archive_copies SET op = 'X'", "UPDATE archive_copies SET seq = seq + 1"} {
		if found := c.damagedCopy("archive_copies", edit); found == 0 {
			t.Errorf("doctor does not see: %s", edit)
		}
	}
	if err := os.Remove(filepath.Join(c.folder(), november)); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(c.matters(), pos.Matter{Code: pos.MatterArchiveGone, Count: 1}) {
		t.Errorf("a file is gone and nobody is told: %v", c.matters())
	}
	_, _, err = c.TakeArchive(ctx(), c.byManager(), november)
	refused(t, err, "archive.missing")
	if _, err := c.Archive(ctx(), c.byManager(), pos.ArchiveRequest{Period: "2026-11"}); err != nil {
		t.Fatal(err)
	}
}

func TestWhoeverTakesAnArchiveIsWrittenDown(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	c.nextMonth()
	if _, err := c.ArchiveDue(ctx()); err != nil {
		t.Fatal(err)
	}
	_, _, err := c.TakeArchive(ctx(), c.by(), november)
	refused(t, err, "right.missing")
	_, _, err = c.TakeArchive(ctx(), c.byManager(), "../till.db")
	refused(t, err, "archive.unknown")
	path, a, err := c.TakeArchive(ctx(), c.byManager(), november)
	if info, failed := os.Stat(path); err != nil || failed != nil || info.Size() != a.Size {
		t.Errorf("%s %+v: %v %v", path, a, err, failed)
	}
	if n := c.entriesOf(journal.KindEvent, journal.EventArchiveExported); n != 1 {
		t.Errorf("%d events", n)
	}
}

func TestTheWholeHistoryIsHandedToAnInspector(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	c.nextMonth()
	_, err := c.ExportTax(ctx(), c.by())
	refused(t, err, "right.missing")
	head, _ := c.Journal().Head()
	f, err := c.ExportTax(ctx(), c.byManager())
	if err != nil {
		t.Fatal(err)
	}
	m, hash, err := archive.Verify(ctx(), f.Path)
	if err != nil || hash != f.Manifest || m.ToSeq != head || m.FromSeq != 0 || f.ToSeq != head || m.Kind != archive.KindAll {
		t.Errorf("%+v %+v: %v", f, m, err)
	}
	if n := c.entriesOf(journal.KindEvent, journal.EventExportTax); n != 1 {
		t.Errorf("%d events", n)
	}
	c.reopen()
	if got := c.archived(); len(got) != 0 {
		t.Errorf("what was not handed out stays: %v", got)
	}
}

func TestArchivingDoesNotHoldTheWriter(t *testing.T) {
	t.Parallel()
	var c *cafe
	sold := 0
	c = openCafe(t, func(config *pos.Config) {
		config.Free = func(string) (int64, error) { // asked while the archive is being written
			if sold++; sold > 1 {
				c.sell("", line("cafe", 1))
			}
			return 1 << 40, nil
		}
	})
	c.nextMonth()
	if n, err := c.ArchiveDue(ctx()); n != 1 || err != nil || sold < 3 {
		t.Fatalf("%d archives, %d questions: %v", n, sold, err)
	}
	c.verify()
}

func TestAKeyThatChangesMeanwhileSignsTheArchive(t *testing.T) {
	t.Parallel()
	var c *cafe
	asked := 0
	c = openCafe(t, func(config *pos.Config) {
		config.Free = func(string) (int64, error) { // asked while the archive is being written
			if asked++; asked == 1 {
				if _, err := c.RotateKey(ctx(), c.byManager(), "the till was repaired"); err != nil {
					t.Error(err)
				}
			}
			return 1 << 40, nil
		}
	})
	c.nextMonth()
	if n, err := c.ArchiveDue(ctx()); n != 1 || err != nil {
		t.Fatalf("%d archives: %v", n, err)
	}
	if m, _, err := archive.Verify(ctx(), filepath.Join(c.folder(), november)); err != nil || m.SignedBy != "k2" {
		t.Errorf("signed by %s: %v", m.SignedBy, err)
	}
	c.verify()
}

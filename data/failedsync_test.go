package data_test

import (
	"slices"
	"testing"

	"comptoir/data"
	"comptoir/data/datatest/faultvfs"
)

// The disk refuses to sync one commit. The process dies of it, comes back, tells the caller of that commit what
// became of it, and sells on; then the power goes.
func TestAfterAFailedSyncARestartAndAPowerCutEverythingAcknowledgedIsThere(t *testing.T) {
	for _, tc := range []struct {
		name string
		weak data.Weakness
		lost int // acknowledged sales, of the 20 after the restart and the one asked again
	}{
		{"as the till does it", func(*data.Options) {}, 0},
		{"without truncating the log at start", data.SellBehindTheOldLog, 21},
	} {
		t.Run(tc.name, func(t *testing.T) {
			rng, fs := seeded(t), newDisk(t)
			s := &service{t: t, rng: rng, fs: fs, dir: t.TempDir(), weak: []data.Weakness{tc.weak}}
			s.open()
			if err := fs.StartRecord(); err != nil {
				t.Fatal(err)
			}
			const failed = 6 // a number that no rule of the service refuses
			for _, n := range []int64{1, 2, 4, 5} {
				if err := s.do(n); err != nil {
					t.Fatal(err)
				}
			}
			fs.FailSync(1)
			wantCode(t, s.do(failed), "data.unknown")
			wantCode(t, s.do(7), "data.stopped")
			s.die()

			s.open()
			if s.number.Committed() != 5 {
				t.Errorf("%d sales are there after the restart, want the four acknowledged and the unknown one", s.number.Committed())
			}
			if err := s.do(failed); err != nil || s.number.Committed() != 5 {
				t.Errorf("asked again: %v, %d sales; want the answer of the first time", err, s.number.Committed())
			}
			for n := int64(100); n < 124; n++ { // 20 that are sold, 4 that are refused
				if err := s.do(n); err != nil && !refused(n) {
					t.Fatal(err)
				}
			}
			s.die()
			rec, err := fs.StopRecord()
			if err != nil {
				t.Fatal(err)
			}
			disk := faultvfs.Image(rec, len(rec.Ops), rng)
			if lost := missing(t, disk); len(lost) != tc.lost || tc.lost > 0 && !slices.Contains(lost, failed) {
				t.Errorf("got %d of %d acknowledged sales lost (%v), want %d", len(lost), len(disk.Marks), lost, tc.lost)
			}
			if wrong := after(t, disk); (len(wrong) > 0) != (tc.lost > 0) {
				t.Errorf("got %q", wrong)
			}
		})
	}
}

// missing lists what a disk holds no trace of, although it was acknowledged.
func missing(t *testing.T, d faultvfs.Disk) (lost []int64) {
	t.Helper()
	dir := t.TempDir()
	if err := d.Save(dir); err != nil {
		t.Fatal(err)
	}
	db := start(t, dir)
	for _, n := range d.Marks {
		if number(t, db.Reader(), `SELECT count(*) FROM commands WHERE id = 'c' || ?`, n) != 1 {
			lost = append(lost, n)
		}
	}
	return lost
}

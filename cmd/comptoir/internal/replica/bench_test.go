package replica_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"comptoir/cmd/comptoir/internal/replica"
	"comptoir/data"
	"comptoir/data/datatest"
)

// The first copy of a database of 256 MB into a folder, and its way back, in megabytes a second of database. What is in it
// hardly shrinks: half of each row is chance.
func BenchmarkTheFirstCopyAndItsFetch(b *testing.B) {
	const rows, size = 256, 1 << 20
	dir := b.TempDir()
	db, err := data.Open(b.Context(), data.Options{Dir: dir, Clock: datatest.NewClock()})
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			b.Error(err)
		}
	}()
	for i := range rows {
		row := make([]byte, size)
		_, _ = rand.Read(row[:size/2])
		err := db.Write(b.Context(), func(ctx context.Context, tx *data.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO meta (key, value) VALUES (?, ?)`, fmt.Sprint("row.", i), fmt.Sprintf("%x", row[:size/2]))
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	var copied, fetched time.Duration
	for b.Loop() {
		target := replica.Target{Kind: replica.Folder, Path: b.TempDir()}
		began := time.Now()
		r, err := replica.New(b.Context(), replica.Config{DB: db, Dir: dir, Cafe: "CAFE-1", Epoch: 1, Target: target})
		if err != nil {
			b.Fatal(err)
		}
		ctx, cancel := context.WithCancel(b.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); r.Run(ctx) }()
		err = r.Sync(ctx)
		copied += time.Since(began)
		cancel()
		<-ended
		if err != nil {
			b.Fatal(err)
		}
		began = time.Now()
		if _, err := replica.Fetch(b.Context(), target, filepath.Join(b.TempDir(), "till.db")); err != nil {
			b.Fatal(err)
		}
		fetched += time.Since(began)
		if err := os.Remove(filepath.Join(dir, "copy.position")); err != nil {
			b.Fatal(err)
		}
	}
	megabytes := float64(rows*size>>20) * float64(b.N)
	b.ReportMetric(megabytes/copied.Seconds(), "MB/s-copied")
	b.ReportMetric(megabytes/fetched.Seconds(), "MB/s-fetched")
	b.ReportMetric(0, "ns/op")
}

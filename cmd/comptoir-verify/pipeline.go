package main

import (
	"errors"
	"io"
	"runtime"
	"sync"
)

// batchSize is how many entries one goroutine looks at in one go.
const batchSize = 64

// source hands over the entries of an input in order, each as what decode needs; io.EOF behind the last.
type source interface {
	next() (record, error)
}

// record is an entry as it was read, not yet decoded: decoding is done in parallel.
type record struct {
	line   int64  // of the input, for words
	canon  string // the canonical bytes, or "" when packed has them
	packed string // a line of an export, or of signatures.csv
	seq    int64  // where the input has no seq of its own: that of the line; else −1
	decode func(record) (raw, error)
}

type batch struct {
	records []record
	entries []entry
	faults  []error // of the records that could not be decoded
	done    chan struct{}
}

// walk reads a source, looks at its entries on all processors and hands them to take in order. fault is told of a
// record that is no entry; the walk goes on behind it. It returns what ended the source, nil for its end.
func walk(src source, b *book, forms *nfc, keys *keyring, take func(*entry), fault func(record, error)) error {
	workers := runtime.GOMAXPROCS(0)
	jobs, order := make(chan *batch, workers), make(chan *batch, 4*workers)
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			x := newExaminer(b, forms)
			for one := range jobs {
				one.examine(x, keys)
				close(one.done)
			}
		})
	}
	var end error
	group.Go(func() {
		end = read(src, jobs, order)
		close(jobs)
		close(order)
	})
	for one := range order {
		<-one.done
		for i := range one.entries {
			if one.faults[i] != nil {
				fault(one.records[i], one.faults[i])
				continue
			}
			take(&one.entries[i])
		}
	}
	group.Wait()
	if errors.Is(end, io.EOF) {
		return nil
	}
	return end
}

// read fills batches until the source ends.
func read(src source, jobs, order chan<- *batch) error {
	for {
		one := &batch{records: make([]record, 0, batchSize), done: make(chan struct{})}
		var err error
		for len(one.records) < batchSize && err == nil {
			var r record
			if r, err = src.next(); err == nil {
				one.records = append(one.records, r)
			}
		}
		if len(one.records) > 0 {
			order <- one
			jobs <- one
		}
		if err != nil {
			return err
		}
	}
}

func (b *batch) examine(x *examiner, keys *keyring) {
	b.entries, b.faults = make([]entry, len(b.records)), make([]error, len(b.records))
	for i, r := range b.records {
		e := &b.entries[i]
		if e.row, b.faults[i] = r.decode(r); b.faults[i] != nil {
			continue
		}
		x.look(e)
		if e.row.seq < 0 {
			e.row.seq = r.seq
		}
		e.guess(keys.latest.Load())
	}
}

package speed

import (
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// Kind is what was waited for.
type Kind int

// The kinds, in the order of the page.
const (
	Tap      Kind = iota // a tap on the till, until its answer
	Checkout             // a payment, until it is on the disk and answered
	Scan                 // a card or a packaging, until its answer
	Page                 // a page of the staff
	Guest                // a page of a customer's phone
	kinds
)

// names are stable: the file and the metrics use them.
func names() [kinds]string { return [kinds]string{"tap", "checkout", "scan", "page", "guest"} }

// String is the stable name of a kind.
func (k Kind) String() string { return names()[k] }

// Kinds lists all of them.
func Kinds() []Kind { return []Kind{Tap, Checkout, Scan, Page, Guest} }

// Buckets of a histogram: each bound is a quarter of an octave above the one before, so that a percentile is told within 19 %.
const (
	shortest  = 100 * time.Microsecond
	perOctave = 4
	buckets   = 77 // the last holds all above 44 s; a request is cut off long before
	hours     = 25 // a day, and the hour that runs
)

// bucketOf is the bucket of a duration.
func bucketOf(d time.Duration) int {
	if d <= shortest {
		return 0
	}
	return min(int(math.Ceil(perOctave*math.Log2(float64(d)/float64(shortest)))), buckets-1)
}

// bound is the longest duration of a bucket.
func bound(i int) time.Duration {
	return time.Duration(float64(shortest) * math.Exp2(float64(i)/perOctave))
}

// hour is what was measured in one hour.
type hour struct {
	at     atomic.Int64 // hours since 1970; 0: none yet
	counts [kinds][buckets]atomic.Uint32
	most   [kinds]atomic.Int64 // nanoseconds
}

// Meter keeps a day of measurements. Use New; its methods may be called by anybody at any time.
type Meter struct {
	now  func() time.Time
	mu   sync.Mutex // held while an hour of yesterday is emptied
	ring [hours]hour
}

// New returns an empty meter.
func New(now func() time.Time) *Meter { return &Meter{now: now} }

// Observe notes how long something took. On a nil meter it does nothing.
func (m *Meter) Observe(k Kind, took time.Duration) {
	if m == nil || took < 0 {
		return
	}
	h := m.hour(m.now().Unix() / 3600)
	h.counts[k][bucketOf(took)].Add(1)
	for {
		most := h.most[k].Load()
		if int64(took) <= most || h.most[k].CompareAndSwap(most, int64(took)) {
			return
		}
	}
}

// hour is the place of an hour, emptied of the one that stood there a day ago.
func (m *Meter) hour(at int64) *hour {
	h := &m.ring[at%hours]
	if h.at.Load() == at {
		return h
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if h.at.Load() == at {
		return h
	}
	for k := range h.counts {
		for i := range h.counts[k] {
			h.counts[k][i].Store(0)
		}
		h.most[k].Store(0)
	}
	h.at.Store(at)
	return h
}

// Figures are what one kind came to in the last day.
type Figures struct {
	Kind  Kind
	Count int
	P50   time.Duration // percentiles, each told within 19 % and never too small
	P95   time.Duration
	P99   time.Duration
	Max   time.Duration // exact
}

// Day sums the last 24 hours and the one that runs, a kind each, those without anything too.
func (m *Meter) Day() []Figures {
	now := m.now().Unix() / 3600
	all := make([]Figures, 0, kinds)
	for _, k := range Kinds() {
		var sum [buckets]int
		f := Figures{Kind: k}
		for i := range m.ring {
			h := &m.ring[i]
			if at := h.at.Load(); at == 0 || at > now || at <= now-hours {
				continue
			}
			for b := range sum {
				n := int(h.counts[k][b].Load())
				sum[b] += n
				f.Count += n
			}
			f.Max = max(f.Max, time.Duration(h.most[k].Load()))
		}
		f.P50, f.P95, f.P99 = quantile(sum[:], f, 50), quantile(sum[:], f, 95), quantile(sum[:], f, 99)
		all = append(all, f)
	}
	return all
}

// quantile is the duration within which so many in a hundred were; never more than the longest.
func quantile(sum []int, f Figures, percent int) time.Duration {
	wanted, seen := (f.Count*percent+99)/100, 0
	for i, n := range sum {
		if seen += n; n > 0 && seen >= wanted {
			return min(bound(i), f.Max)
		}
	}
	return 0
}

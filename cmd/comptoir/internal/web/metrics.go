package web

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"comptoir/cmd/comptoir/internal/health"
	"comptoir/cmd/comptoir/internal/speed"
	"comptoir/receipts/journal"
)

// meters are the figures of a running till in the words of Prometheus: a registry of its own, so that no library adds what
// nobody chose. No label holds a person, a card, a product, a ticket or an address; each has a small closed set of values.
type meters struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	refused  *prometheus.CounterVec
	took     *prometheus.HistogramVec
}

func newMeters(s *Server) *meters {
	m := &meters{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "comptoir_requests_total", Help: "Requests answered, by listener and class of status."}, []string{"listener", "status"}),
		refused:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "comptoir_refusals_total", Help: "Requests refused, by the stable code of the refusal."}, []string{"code"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "comptoir_answer_seconds", Help: "How long what somebody waits for took, by its kind.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .15, .25, .5, 1, 2.5, 5}}, []string{"kind"}),
	}
	m.registry.MustRegister(m.requests, m.refused, m.took, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), newStanding(s))
	return m
}

// note counts one request. code is that of a refusal; "" of none.
func (m *meters) note(public bool, status int, code string) {
	listener := "staff"
	if public {
		listener = "public"
	}
	m.requests.WithLabelValues(listener, strconv.Itoa(status/100)+"xx").Inc()
	if code != "" {
		m.refused.WithLabelValues(code).Inc()
	}
}

// localKind is the kind of what is waited for, where the route alone does not tell it.
const localKind = "kind"

// kindOf tells what a person waited for; false for what nobody waits for, such as a file or a screen that asks again.
func kindOf(c *fiber.Ctx, pattern string, public bool) (speed.Kind, bool) {
	if k, ok := c.Locals(localKind).(speed.Kind); ok {
		return k, true
	}
	get := c.Method() == http.MethodGet
	switch {
	case public:
		return speed.Guest, get && isPage(c)
	case pattern == "/till/commands":
		return speed.Tap, true
	case pattern == "/pay/:ticket", pattern == apiPrefix+"/sales", pattern == apiPrefix+"/tickets/:id/checkout":
		return speed.Checkout, !get
	case pattern == "/scan", pattern == apiPrefix+"/tickets/:id/card":
		return speed.Scan, !get
	}
	return speed.Page, get && isPage(c)
}

// isPage reports whether what was answered is a page; a part of one and a file are not.
func isPage(c *fiber.Ctx) bool {
	return strings.HasPrefix(string(c.Response().Header.ContentType()), fiber.MIMETextHTML) && c.Get("Sec-Fetch-Dest", "document") == "document"
}

// measure notes a request in the meter of the day and in the metrics.
func (s *Server) measure(c *fiber.Ctx, public bool, pattern string, took time.Duration, code string) {
	if s.meters == nil { // a held café measures nothing
		return
	}
	status := c.Response().StatusCode()
	s.meters.note(public, status, code)
	if status >= http.StatusBadRequest || pattern == healthPath {
		return
	}
	if kind, ok := kindOf(c, pattern, public); ok {
		s.speed.Observe(kind, took)
		s.meters.took.WithLabelValues(kind.String()).Observe(took.Seconds())
	}
}

// Metrics serves the figures of the till in the Prometheus text format. It is for a listener that only this machine reaches; a
// foreign Host is refused, so that no page of another site reads them by a name of its own (DNS rebinding).
func (s *Server) Metrics() http.Handler {
	serve := promhttp.HandlerFor(s.meters.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
	return LocalOnly(serve)
}

// LocalOnly refuses a Host that is not this machine's own name.
func LocalOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch hostname(r.Host) {
		case "localhost", "127.0.0.1", "::1":
			next.ServeHTTP(w, r)
		default:
			http.Error(w, "This is not a name of this machine.", http.StatusMisdirectedRequest)
		}
	})
}

// standing reads how the till stands when somebody asks.
type standing struct {
	s                                                  *Server
	open, build, entries, epoch, size, streams, states *prometheus.Desc
	commits, free, behind                              *prometheus.Desc
}

func newStanding(s *Server) *standing {
	d := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("comptoir_"+name, help, labels, nil)
	}
	return &standing{
		s:       s,
		open:    d("open", "Whether the café is open: 0 while it is held, started or ended."),
		build:   d("build_info", "1, with the versions of the program and of its fiscal core.", "version", "core", "go"),
		entries: d("journal_entries", "Entries of the fiscal journal."),
		epoch:   d("epoch_info", "1, with the number of the café's life, which changes when it is restored.", "epoch"),
		size:    d("file_bytes", "Size of the database and of its log.", "file"),
		streams: d("streams", "Live screens that are open."),
		states:  d("health_state", "How a matter stands: 0 good, 1 to look at, 2 serious.", "matter"),
		commits: d("commit_seconds", "How long commits took, the sync of the disk included."),
		free:    d("disk_free_bytes", "Space that is left where the café's data are."),
		behind:  d("copy_behind_seconds", "How far the continuous copy is behind."),
	}
}

// Describe sends what Collect may send.
func (d *standing) Describe(to chan<- *prometheus.Desc) {
	for _, x := range []*prometheus.Desc{d.open, d.build, d.entries, d.epoch, d.size, d.streams, d.states, d.commits, d.free, d.behind} {
		to <- x
	}
}

// standingTimeout bounds one reading.
const standingTimeout = 2 * time.Second

// Collect reads how the till stands.
func (d *standing) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), standingTimeout) //nolint:forbidigo // a collector is given no context
	defer cancel()
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	till := d.s.till
	_, version, _ := strings.Cut(till.Software(), "/")
	gauge(d.open, 1)
	gauge(d.build, 1, version, journal.CoreVersion, runtime.Version())
	head, _ := till.Journal().Head()
	gauge(d.entries, float64(head+1))
	gauge(d.epoch, 1, strconv.FormatInt(till.DB().Epoch(), 10))
	for name, size := range d.s.fileSizes() {
		gauge(d.size, float64(size), name)
	}
	d.commitTimes(to)
	gauge(d.streams, float64(d.s.hub.open()))
	for _, f := range d.s.Health(ctx) {
		state := 0.0
		switch f.State {
		case health.Look:
			state = 1
		case health.Grave:
			state = 2
		case health.Good:
		}
		gauge(d.states, state, f.Matter)
		if free, ok := f.Args["free"].(health.Bytes); ok && f.Matter == health.Disk {
			gauge(d.free, float64(free))
		}
		if behind, ok := f.Args["behind"].(time.Duration); ok && f.Matter == health.Copy {
			gauge(d.behind, behind.Seconds())
		}
	}
}

// commitTimes is the histogram that the writer keeps since the start.
func (d *standing) commitTimes(to chan<- prometheus.Metric) {
	t := d.s.till.DB().CommitTimes()
	counts, sum := map[float64]uint64{}, uint64(0)
	for _, b := range t.Buckets {
		sum += uint64(b.Count)
		if b.UpTo > 0 {
			counts[b.UpTo.Seconds()] = sum
		}
	}
	to <- prometheus.MustNewConstHistogram(d.commits, sum, t.Sum.Seconds(), counts)
}

// fileSizes are the sizes of the database and of its log, in bytes; what is not there has none.
func (s *Server) fileSizes() map[string]int64 {
	sizes := map[string]int64{}
	for name, file := range map[string]string{"database": "till.db", "log": "till.db-wal"} {
		if info, err := os.Stat(filepath.Join(s.till.DB().Dir(), file)); err == nil {
			sizes[name] = info.Size()
		}
	}
	return sizes
}

package web

import (
	"net"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
)

// Limits of guessing codes (architecture.md §6).
const (
	scansPerMinute = 30
	scanWindow     = time.Minute
	maxScanners    = 4096 // addresses remembered at once; more share one count
)

// scanLimit counts look-ups of cards and receipts by address. A code has 64 random bits, a card's number 27: this
// keeps numbers from being walked through, and the café's network from being flooded.
type scanLimit struct {
	now    func() time.Time
	window time.Duration
	most   int // look-ups in one window

	mu      sync.Mutex
	windows map[string]*scanWindowOf
}

type scanWindowOf struct {
	began time.Time
	count int
}

func newScanLimit(now func() time.Time) *scanLimit {
	return newLimit(now, scanWindow, scansPerMinute)
}

// newLimit counts anything else in windows of its own: the till's camera, by session.
func newLimit(now func() time.Time, window time.Duration, most int) *scanLimit {
	return &scanLimit{now: now, window: window, most: most, windows: map[string]*scanWindowOf{}}
}

// take counts one look-up. Error: scan.many with the seconds to wait.
func (l *scanLimit) take(c *fiber.Ctx) error {
	wait := l.count(scanner(c.Context().RemoteIP()))
	if wait == 0 {
		return nil
	}
	return errScans.With("seconds", int((wait+time.Second-1)/time.Second))
}

// count adds one look-up of an address and returns how long it must wait; 0 lets it through.
func (l *scanLimit) count(address string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	w := l.windows[address]
	if w == nil {
		if len(l.windows) >= maxScanners {
			l.forget(now)
		}
		if len(l.windows) >= maxScanners {
			address = ""
		}
		if w = l.windows[address]; w == nil {
			w = &scanWindowOf{began: now}
			l.windows[address] = w
		}
	}
	if age := now.Sub(w.began); age < 0 || age >= l.window {
		*w = scanWindowOf{began: now}
	}
	if w.count >= l.most {
		return l.window - now.Sub(w.began)
	}
	w.count++
	return 0
}

func (l *scanLimit) forget(now time.Time) {
	for address, w := range l.windows {
		if now.Sub(w.began) >= l.window {
			delete(l.windows, address)
		}
	}
}

// scanner is what counts as one address: with IPv6 one household holds a /64.
func scanner(ip net.IP) string {
	if ip.To4() == nil && len(ip) == net.IPv6len {
		return ip.Mask(net.CIDRMask(64, 128)).String()
	}
	return ip.String()
}

// isScan reports whether a pattern of the public listener leads to a card, a receipt, a gift, a rota or a partner, or issues a card.
func isScan(pattern string) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(pattern, "/"), "/")
	return first == "C" || first == "R" || first == "G" || first == "V" || first == "P"
}

// scanByNumber counts a card that is not given by its code: numbers can be guessed, in whatever way they are written.
func (s *Server) scanByNumber(c *fiber.Ctx, code string) error {
	if _, err := cardCode(code); err == nil || code == "" {
		return nil
	}
	return s.scans.take(c)
}

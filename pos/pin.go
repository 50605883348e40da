package pos

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/argon2"

	"comptoir/data/fault"
)

// Cost of one argon2id: OWASP's second setting, 19 MiB, so that a stolen database does not give its PINs away for
// nothing. Four digits are few: what protects the till itself is the delay after a wrong one.
const (
	pinMemory  = 19 * 1024 // KiB
	pinTime    = 2
	pinThreads = 1
	pinKey     = 32 // bytes
	pinSalt    = 16 // bytes
)

// Limits of signing in.
const (
	minPINDigits  = 4
	maxPINDigits  = 8
	maxPINWait    = 60 * time.Second
	maxDoorWait   = 15 * time.Minute // at a device nobody has signed in at yet: it keeps nobody waiting elsewhere
	hashingAtOnce = 2                // each takes 19 MiB and a core
	strangerSlots = 256              // names that nobody has share this many delays, so that made-up names fill no memory
	pinFormat     = "$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s"
	placeMark     = "\x00" // between operator and place: no id holds it
	noPIN         = ""     // kept for an operator who cannot sign in
)

var (
	errPINForm  = fault.New(fault.Invalid, "pin.invalid", "A PIN has 4 to 8 digits.").Field("pin", "digits")
	errPINWrong = fault.New(fault.Unauthenticated, "pin.wrong", "The name or the PIN is wrong.")
	errPINWait  = fault.New(fault.TooMany, "pin.wait", "Wait before trying again.")
)

// checkPIN refuses what is no PIN: pin.invalid.
func checkPIN(pin string) error {
	if len(pin) < minPINDigits || len(pin) > maxPINDigits || strings.ContainsFunc(pin, func(r rune) bool { return r < '0' || r > '9' }) {
		return errPINForm.With("min", minPINDigits).With("max", maxPINDigits)
	}
	return nil
}

// pinGuard hashes and compares PINs, never more than hashingAtOnce at a time, and remembers who has to wait.
type pinGuard struct {
	hashing chan struct{}
	nobody  string // a hash no PIN has: comparing with it takes as long as with a real one

	mu       sync.Mutex
	attempts map[string]*attempts
}

// attempts are the consecutive wrong PINs of one operator. busy lets one attempt at a time in, so that a hundred
// at once are not a hundred first ones.
type attempts struct {
	busy   chan struct{}
	wrong  int
	lifted time.Time // when the next attempt is accepted
	most   time.Duration
}

func newPinGuard() *pinGuard {
	g := &pinGuard{hashing: make(chan struct{}, hashingAtOnce), attempts: map[string]*attempts{}}
	g.nobody = encodePIN(randomBytes(pinSalt), randomBytes(pinKey))
	return g
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: it ends the process instead
	return b
}

func encodePIN(salt, key []byte) string {
	enc := base64.RawStdEncoding
	return fmt.Sprintf(pinFormat, argon2.Version, pinMemory, pinTime, pinThreads, enc.EncodeToString(salt), enc.EncodeToString(key))
}

// slow runs argon2id when its turn comes; an error means that the caller gave up waiting.
func (g *pinGuard) slow(ctx context.Context, pin string, salt []byte, memory, passes uint32, threads uint8, length uint32) ([]byte, error) {
	select {
	case g.hashing <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-g.hashing }()
	return argon2.IDKey([]byte(pin), salt, passes, memory, threads, length), nil
}

// hash returns what is kept of a PIN. It is slow: never call it inside a write.
func (g *pinGuard) hash(ctx context.Context, pin string) (string, error) {
	salt := randomBytes(pinSalt)
	key, err := g.slow(ctx, pin, salt, pinMemory, pinTime, pinThreads, pinKey)
	if err != nil {
		return "", err
	}
	return encodePIN(salt, key), nil
}

// matches compares a PIN with what is kept of it, in constant time, under the cost the kept one was made with. It
// is slow: never call it inside a write. What cannot be right (no PIN is kept) takes as long.
func (g *pinGuard) matches(ctx context.Context, pin, kept string) (bool, error) {
	known := kept != noPIN && checkPIN(pin) == nil
	if !known {
		pin, kept = "0000", g.nobody
	}
	fields := strings.Split(kept, "$")
	var memory, passes uint32
	var threads uint8
	if len(fields) != 6 {
		return false, fmt.Errorf("a kept PIN is broken")
	}
	if _, err := fmt.Sscanf(fields[3], "m=%d,t=%d,p=%d", &memory, &passes, &threads); err != nil {
		return false, fmt.Errorf("a kept PIN is broken: %w", err)
	}
	salt, err := base64.RawStdEncoding.DecodeString(fields[4])
	if err != nil {
		return false, fmt.Errorf("a kept PIN is broken: %w", err)
	}
	want, err := base64.RawStdEncoding.DecodeString(fields[5])
	if err != nil {
		return false, fmt.Errorf("a kept PIN is broken: %w", err)
	}
	got, err := g.slow(ctx, pin, salt, memory, passes, threads, pinKey)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1 && known, nil
}

// Door is where a PIN is typed. Wrong ones in one place keep nobody waiting in another: whoever guesses from the
// network cannot lock a café out of its till.
type Door string

// The places that are known by themselves; any other is the address of a device that somebody has signed in at.
const (
	DoorTill    Door = ""  // the till itself, or behind a session
	DoorUnknown Door = "?" // all devices that nobody has signed in at, together
)

// longest is how long a place has to wait at most.
func (p Door) longest() time.Duration {
	if p == DoorUnknown {
		return maxDoorWait
	}
	return maxPINWait
}

// slot returns the attempts of an operator in a place, or of whoever asks under a name that nobody has.
func (g *pinGuard) slot(place Door, operator, name string) *attempts {
	key := operator
	if key == "" {
		h := fnv.New32a()
		_, _ = h.Write([]byte(name))
		key = fmt.Sprintf("?%d", h.Sum32()%strangerSlots)
	}
	if place != DoorTill {
		key += placeMark + string(place)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	a := g.attempts[key]
	if a == nil {
		a = &attempts{busy: make(chan struct{}, 1), most: place.longest()}
		g.attempts[key] = a
	}
	return a
}

// forgive ends the delays of an operator in every place: a manager has given a new PIN.
func (g *pinGuard) forgive(ctx context.Context, operator string) {
	g.mu.Lock()
	var all []*attempts
	for key, a := range g.attempts {
		if who, _, _ := strings.Cut(key, placeMark); who == operator {
			all = append(all, a)
		}
	}
	g.mu.Unlock()
	for _, a := range all {
		if a.enter(ctx) == nil {
			a.right()
			a.leave()
		}
	}
}

// enter waits for the attempt in hand to end.
func (a *attempts) enter(ctx context.Context) error {
	select {
	case a.busy <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (a *attempts) leave() { <-a.busy }

// wait refuses an attempt that comes too early: pin.wait (args seconds). It is free: nothing is hashed.
func (a *attempts) wait(now time.Time) error {
	left := a.lifted.Sub(now)
	if left <= 0 {
		return nil
	}
	return errPINWait.With("seconds", int64((left+time.Second-1)/time.Second))
}

func (a *attempts) right() { a.wrong, a.lifted = 0, time.Time{} }

// missed counts a wrong PIN: after the k-th in a row the next is accepted in 2^(k-1) seconds, up to the place's longest.
func (a *attempts) missed(now time.Time) {
	a.wrong++
	a.lifted = now.Add(min(time.Second<<min(a.wrong-1, 10), a.most))
}

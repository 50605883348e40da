package web

import (
	"fmt"
	"slices"

	"github.com/gofiber/fiber/v2"
)

// scannerCookie keeps how the scanner of a device is set: "enter-100". It holds no person.
const scannerCookie = "comptoir_scanner"

// scannerKeys is what a device's scanner types after a code, and how long it is silent then.
type scannerKeys struct {
	Suffix  string // one of suffixes
	Silence int    // milliseconds without a key after which a scan is over; half of it separates two of its keys at most
}

// Limits of a scanner's silence, in milliseconds: below, a busy machine tears a scan apart; above, it waits for people.
const (
	leastSilence = 40
	mostSilence  = 400
)

// suffixes are the keys a scanner may end a code with; "any" is Enter or Tab.
func suffixes() []string { return []string{"any", "enter", "tab", "none"} }

// usualScanner is how scanners leave the factory.
func usualScanner() scannerKeys { return scannerKeys{"any", 100} }

// scannerOf reads the cookie of a device; whatever is not ours is the default.
func scannerOf(c *fiber.Ctx) scannerKeys {
	k := usualScanner()
	var suffix string
	var silence int
	if n, err := fmt.Sscanf(c.Cookies(scannerCookie), "%d-%s", &silence, &suffix); err != nil || n != 2 {
		return k
	}
	read := scannerKeys{suffix, silence}
	if !read.valid() {
		return k
	}
	return read
}

func (k scannerKeys) valid() bool {
	return slices.Contains(suffixes(), k.Suffix) && k.Silence >= leastSilence && k.Silence <= mostSilence
}

// cookie is the form in which a device keeps it.
func (k scannerKeys) cookie() string { return fmt.Sprintf("%d-%s", k.Silence, k.Suffix) }

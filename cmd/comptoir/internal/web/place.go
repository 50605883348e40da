package web

import (
	"sync"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

// maxPlaces is how many devices are remembered as known; the rest share the delays of the unknown ones.
const maxPlaces = 256

// places remembers from which addresses somebody has signed in since the till was started. Each has delays of its own
// after a wrong PIN, as the till itself has: whoever guesses from another device keeps nobody waiting but strangers.
type places struct {
	mu    sync.Mutex
	known map[string]bool
}

func newPlaces() *places { return &places{known: map[string]bool{}} }

// of is where the one who asks is.
func (p *places) of(c *fiber.Ctx) pos.Door {
	ip := c.Context().RemoteIP()
	if ip.IsLoopback() {
		return pos.DoorTill
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if address := scanner(ip); p.known[address] {
		return pos.Door(address)
	}
	return pos.DoorUnknown
}

// learn remembers the address of somebody who has signed in.
func (p *places) learn(c *fiber.Ctx) {
	ip := c.Context().RemoteIP()
	p.mu.Lock()
	defer p.mu.Unlock()
	if !ip.IsLoopback() && len(p.known) < maxPlaces {
		p.known[scanner(ip)] = true
	}
}

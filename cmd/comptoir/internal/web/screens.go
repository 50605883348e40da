package web

import (
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data/fault"
	"comptoir/pos"
)

// Where the screens are that a device may be reserved to, beside the kitchen's.
const (
	displayPath = "/display"
	eventsPath  = apiPrefix + "/events"
)

// errScreen is told to a device that faces customers, or hangs in the kitchen, and asks for more than its screen.
var errScreen = fault.New(fault.Denied, "session.screen", "This device is reserved to its screen; sign in to use it for anything else.")

// isScreen reports whether the one who asks is a device reserved to the screens.
func isScreen(c *fiber.Ctx) bool {
	scope, _ := c.Locals(localScope).(pos.Scope)
	return scope == pos.ScopeScreen
}

// forScreens names the routes that a reserved device reaches, of those that ask who is there. Of the others it reaches
// what everybody does: signing in, leaving, the files of pages.
func forScreens(pattern string) bool {
	return pattern == eventsPath || isScreenPath(pattern)
}

// isScreenPath reports whether a path is that of a screen or of something below it.
func isScreenPath(path string) bool {
	for _, screen := range []string{displayPath, kitchenPath} {
		if path == screen || strings.HasPrefix(path, screen+"/") {
			return true
		}
	}
	return false
}

// isScreenTopic reports whether a reserved device may follow a topic.
func isScreenTopic(topic string) bool {
	name, _, _ := strings.Cut(topic, ":")
	return name == topicDisplay || name == topicKitchen
}

// mayHear returns which topics the one who asks may follow.
func mayHear(c *fiber.Ctx, role pos.Role) func(topic string) bool {
	screen := isScreen(c)
	return func(topic string) bool { return mayListen(role, topic) && (!screen || isScreenTopic(topic)) }
}

// reserveView is the button that reserves a device to a screen.
type reserveView struct {
	*locale.Language
	Next string // address of the screen
}

// Reserve is the button that reserves this device to the screen at an address.
func (b base) Reserve(screen string) reserveView { return reserveView{b.Language, screen} }

// reserve serves POST /device/screen: from here on this device reaches its screen alone. The person who did it has
// left the till with it; signing in gives it back.
func (s *Server) reserve(c *fiber.Ctx) error {
	next := local(c.FormValue("next"))
	if path, _, _ := strings.Cut(next, "?"); !isScreenPath(path) {
		next = displayPath
	}
	token := c.Cookies(sessionCookie)
	session, err := s.till.ReserveScreen(c.UserContext(), token)
	if err != nil {
		return err
	}
	s.idle.forget(token)
	setSession(c, session.Token, session.Expires)
	return c.Redirect(next, http.StatusSeeOther)
}

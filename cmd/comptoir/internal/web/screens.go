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

// scopeOf is what the session of the one who asks reaches.
func scopeOf(c *fiber.Ctx) pos.Scope {
	scope, _ := c.Locals(localScope).(pos.Scope)
	return scope
}

// isScreen reports whether the one who asks is a device reserved to a screen.
func isScreen(c *fiber.Ctx) bool { return scopeOf(c).IsScreen() }

// onScreen names the routes that a reserved device reaches, of those that ask who is there. Of the others it reaches
// what everybody does: signing in, leaving, the files of pages.
func onScreen(scope pos.Scope, pattern string) bool {
	return pattern == eventsPath || screenAt(pattern) == scope
}

// screenAt is the screen that a path belongs to; ScopeAll when it is none's.
func screenAt(path string) pos.Scope {
	for _, screen := range []struct {
		path  string
		scope pos.Scope
	}{{displayPath, pos.ScopeDisplay}, {kitchenPath, pos.ScopeKitchen}} {
		if path == screen.path || strings.HasPrefix(path, screen.path+"/") {
			return screen.scope
		}
	}
	return pos.ScopeAll
}

// isScreenTopic reports whether a device reserved to a screen may follow a topic.
func isScreenTopic(scope pos.Scope, topic string) bool {
	name, _, _ := strings.Cut(topic, ":")
	return scope == pos.ScopeDisplay && name == topicDisplay || scope == pos.ScopeKitchen && (name == topicKitchen || name == topicTrain)
}

// mayHear returns which topics the one who asks may follow.
func mayHear(c *fiber.Ctx, role pos.Role) func(topic string) bool {
	scope := scopeOf(c)
	return func(topic string) bool {
		return mayListen(role, topic) && (!scope.IsScreen() || isScreenTopic(scope, topic))
	}
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
	path, _, _ := strings.Cut(next, "?")
	scope := screenAt(path)
	if !scope.IsScreen() {
		next, scope = displayPath, pos.ScopeDisplay
	}
	token := c.Cookies(sessionName(c))
	session, err := s.till.ReserveScreen(c.UserContext(), token, scope)
	if err != nil {
		return err
	}
	s.idle.forget(token)
	setSession(c, session.Token, session.Expires)
	return c.Redirect(next, http.StatusSeeOther)
}

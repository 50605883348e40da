package web

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"comptoir/data"
	"comptoir/pos"
)

// What the answer to a command carries for the page's memory, and how a page says that it is a script's that reads it: a
// redirection, which a script cannot look into, is then told in a header.
const (
	copyHeader = "X-Comptoir-Copy"
	sureHeader = "X-Comptoir-Sure"
	nextHeader = "X-Comptoir-Next"
)

// maxCopied is the largest body that a page remembers, in bytes: nothing of the counter comes near it.
const maxCopied = 4 << 10

// Keys of what a request carries for the memory of pages.
const (
	localCommand = "command"
	localHand    = "hand"
)

// Codes of what a person has to look at, for it is not done again by itself.
const (
	handTerminal = "resend.terminal"
	handPaper    = "resend.by_hand"
)

// memory is what a page may be handed a copy of.
type memory struct {
	what string // kind, for words
	hand string // code of why a person does it again; empty: the till does
}

// remembered are the commands that tills remember, by pattern: those of the counter that move money, or that such a command
// may follow. Whatever is not here is lost with the machine as far as the copy on the second place is behind.
func remembered() map[string]memory {
	return map[string]memory{
		"/till/commands": {what: "order"}, "/pay/:ticket": {what: "pay"}, "/pay/:ticket/split": {what: "order"}, "/pay/:ticket/join": {what: "order"},
		"/pay/:ticket/remove/:payment": {what: "pay"}, "/pay/:ticket/note": {what: "order"}, "/pay/:ticket/round-up": {what: "order"}, "/pay/:ticket/card": {what: "card"},
		"/sales/:id/refund": {what: "refund"}, "/sales/:id/move": {what: "card"}, "/sales/:id/stamp": {what: "card"}, "/sales/:id/fix": {what: "fix"},
		"/sales/:id/invoice": {"invoice", handPaper}, "/shift/open": {what: "shift"}, "/shift/cash": {what: "cash"}, "/shift/close": {what: "shift"},
		"/shift/undo": {"serve", handPaper}, chargesPath + "/:id/answer": {"pay", handTerminal}, closePath + "/end": {"closing", handPaper},
	}
}

// keepCommand notes who asks what, for leaveCopy, and what a command that is carried out again has to know.
func keepCommand(c *fiber.Ctx, by *pos.By) {
	if r, again := resentOf(c); again {
		by.Command.First, by.Command.Resent, by.Command.Told = r.copy.First, true, &r.told
		by.Approver, by.Last = &r.copy.Approver, r.last
		return
	}
	if kept, known := c.Locals(localCommand).(pos.By); known {
		by.Command.Told, by.Approver = kept.Command.Told, kept.Approver
		return
	}
	by.Command.Told, by.Approver = &data.Told{}, new(string)
	c.Locals(localCommand, *by)
}

// leaveCopy hands the page a copy of what it asked and was done, under a seal that only this café opens. What is done in
// training is not remembered: done again it would count.
func (s *Server) leaveCopy(c *fiber.Ctx, r route) error {
	if c.Get(sureHeader) != "" && c.Response().StatusCode() == http.StatusSeeOther {
		c.Set(nextHeader, c.GetRespHeader(fiber.HeaderLocation))
		c.Response().Header.Del(fiber.HeaderLocation)
		c.Status(http.StatusNoContent)
	}
	by, asked := c.Locals(localCommand).(pos.By)
	kind, kept := s.memory[r.path]
	if !asked || !kept || isPublic(c) || c.Method() != http.MethodPost || c.Response().StatusCode() >= http.StatusBadRequest {
		return nil
	}
	if told := by.Command.Told; told.Fresh+told.Replayed == 0 || len(c.Body()) > maxCopied || s.till.Training() {
		return nil
	}
	hand, _ := c.Locals(localHand).(string)
	if hand == "" {
		hand = kind.hand
	}
	body, err := withoutPIN(c)
	if err != nil {
		return err
	}
	sealed, err := s.till.SealCopy(pos.Copy{Command: by.Command.ID, First: by.Command.Told.First, Epoch: s.till.DB().Epoch(), Operator: by.Operator.ID, Hand: hand,
		Method: c.Method(), Address: c.OriginalURL(), Type: c.Get(fiber.HeaderContentType), Body: string(body), Approver: *by.Approver})
	if err != nil {
		return err
	}
	c.Set(copyHeader, sealed)
	return nil
}

// pinGiven stands where a PIN stood: that one was given is part of what was asked.
const pinGiven = "-"

// withoutPIN is the body of a request without the PIN that it may carry. Other bodies stay byte for byte: they are hashed.
func withoutPIN(c *fiber.Ctx) ([]byte, error) {
	body := c.Body()
	if strings.HasPrefix(c.Get(fiber.HeaderContentType), fiber.MIMEApplicationForm) {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, errBadRequest
		}
		if form.Get("pin") == "" {
			return body, nil
		}
		form.Set("pin", pinGiven)
		return []byte(form.Encode()), nil
	}
	if !bytes.Contains(body, []byte(`"pin"`)) {
		return body, nil
	}
	var cmd struct {
		Kind   string         `json:"kind"`
		Ticket string         `json:"ticket"`
		Args   map[string]any `json:"args"`
	}
	if err := json.Unmarshal(body, &cmd); err != nil {
		return nil, errJSON
	}
	if pin, typed := cmd.Args["pin"].(string); typed && pin != "" {
		cmd.Args["pin"] = pinGiven
	}
	return json.Marshal(cmd)
}

package web

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

func (s *Server) suspendedCalls() []route {
	const shelf = apiPrefix + "/suspended"
	manager := []pos.Role{pos.RoleManager}
	return []route{
		{http.MethodGet, shelf, anyone(), read(s.getShelf)},
		{http.MethodGet, shelf + "/dial", books(), read(s.getDial)},
		{http.MethodPost, shelf + "/redemptions", counter(), command(s, http.StatusCreated, s.postRedemption)},
		{http.MethodPost, shelf + "/redemptions/:number/undo", counter(), command(s, http.StatusOK, s.postUndo)},
		{http.MethodPost, shelf + "/conversions", manager, command(s, http.StatusCreated, s.postConversion)},
		{http.MethodPost, shelf + "/classes/:class/withdraw", manager, command(s, http.StatusOK, s.postWithdrawal)},
	}
}

func (s *Server) getShelf(c *fiber.Ctx) (pos.ShelfView, error) {
	return s.till.Shelf(c.UserContext())
}

func (s *Server) getDial(c *fiber.Ctx) (pos.Dial, error) {
	return s.till.Dial(c.UserContext())
}

func (s *Server) postRedemption(c *fiber.Ctx, by pos.By, in pos.RedeemRequest) (pos.RedeemResult, error) {
	return s.till.Redeem(c.UserContext(), by, in)
}

// undoRequest takes a serving back; from the third of a shift on with a manager's PIN.
type undoRequest struct {
	Reason   string        `json:"reason"`
	Approval *pos.Approval `json:"approval"`
}

func (s *Server) postUndo(c *fiber.Ctx, by pos.By, in undoRequest) (pos.UndoResult, error) {
	return s.till.UndoRedemption(c.UserContext(), by, param(c, "number"), in.Reason, approvals(in.Approval)...)
}

func approvals(a *pos.Approval) []pos.Approval {
	if a == nil {
		return nil
	}
	return []pos.Approval{*a}
}

func (s *Server) postConversion(c *fiber.Ctx, by pos.By, in pos.ConversionRequest) (pos.ConversionResult, error) {
	return s.till.Convert(c.UserContext(), by, in)
}

type withdrawalRequest struct {
	Successor string `json:"successor"` // empty: the class is given again
}

func (s *Server) postWithdrawal(c *fiber.Ctx, by pos.By, in withdrawalRequest) (pos.ClassChange, error) {
	return s.till.WithdrawClass(c.UserContext(), by, param(c, "class"), in.Successor)
}

// publicBoard is what the street may know: no live count (product.md, decision 5). A screen asks every second, so
// what has not changed is not sent again.
func (s *Server) publicBoard(c *fiber.Ctx) error {
	board, err := s.till.Board(c.UserContext())
	if err != nil {
		return err
	}
	body, err := json.Marshal(board)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:8]) + `"`
	c.Set(fiber.HeaderETag, tag)
	if strings.Contains(c.Get(fiber.HeaderIfNoneMatch), tag) {
		return c.SendStatus(http.StatusNotModified)
	}
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	return c.Send(body)
}

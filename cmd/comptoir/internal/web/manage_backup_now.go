package web

import (
	"net/http"

	"github.com/gofiber/fiber/v2"
)

// backUpNow serves POST /manage/backup/now: a backup begins, and the page lists it when it was read again.
func (s *Server) backUpNow(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showBackup(c, status, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	if s.copies == nil || s.copies.BackUp == nil {
		return errNoCopies
	}
	if err := s.copies.BackUp(c.UserContext(), by); err != nil {
		return err
	}
	return s.done(c, backupPath, "backup_begun")
}

// drawRecoveryCode serves POST /manage/backup/code: the answer is the page with the code, which no other page shows again.
func (s *Server) drawRecoveryCode(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showBackup(c, status, t) })
	if s.copies == nil || s.copies.Code == nil {
		return errNoCopies
	}
	code, err := s.copies.Code(c.UserContext())
	if err != nil {
		return err
	}
	return s.showBackupCode(c, http.StatusOK, nil, code)
}

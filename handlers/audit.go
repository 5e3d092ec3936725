package handlers

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/views"
)

func (s *Server) showAudit(c *call) error {
	f, err := s.page(c, 0)
	if err != nil {
		return err
	}
	props := views.AuditProps{Action: c.Query("action"), Who: c.Query("who")}
	before, err := strconv.ParseInt(c.Query("before"), 10, 64)
	if err != nil {
		before = 0 // the newest
	}
	page, err := s.DB.Audit(c.ctx(), db.AuditQuery{Action: chat.AuditAction(props.Action), Who: props.Who, Before: before})
	if err != nil {
		return err
	}
	for _, e := range page.Entries {
		props.Lines = append(props.Lines, views.AuditLine(e))
	}
	if page.Before != 0 {
		props.Next = views.AuditBeforePath(props.Action, props.Who, page.Before)
	}
	return s.draw(c, fiber.StatusOK, views.AuditPage(f, props))
}

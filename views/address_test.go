package views_test

import (
	"testing"

	"chinwag/views"
)

func TestAddresses(t *testing.T) {
	for want, got := range map[string]string{
		"/setup?token=a%26b%2Bc%3Dd": views.SetupPath("a&b+c=d"),
		"/rooms/12":                  views.RoomPath(12),
		"/rooms/12?before=41":        views.RoomBeforePath(12, 41),
		"/rooms/12?after=41#m42":     views.RoomAfterPath(12, 41),
		"/rooms/12/41":               views.MessagePath(12, 41),
		"/rooms/12/messages":         views.MessagesPath(12),
		"/rooms/12/join":             views.JoinPath(12),
		"/rooms/12/leave":            views.LeavePath(12),
		"/rooms/12/members":          views.MembersPath(12),
		"/live?room=12&after=345":    views.LivePath(12, 345),
		"m41":                        views.MessageID(41),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

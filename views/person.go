package views

import "chinwag/chat"

// personName is what somebody is called, or what is said of an account that is gone.
func personName(w *Words, u chat.User) string {
	if u.Deleted() {
		return w.T("user.deleted")
	}
	return u.Name()
}

// roleName is a role for people.
func roleName(w *Words, role chat.Role) string {
	switch role {
	case chat.RoleAdmin:
		return w.T("role.admin")
	case chat.RoleModerator:
		return w.T("role.moderator")
	default:
		return w.T("role.member")
	}
}

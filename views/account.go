package views

import "chinwag/chat"

// The two fields that every new account starts with, alike on set-up and registration.

func usernameField(w *Words, first bool) fieldProps {
	return fieldProps{
		name: "username", label: w.T("user.username"), hint: w.T("user.username_hint"),
		autocomplete: "username", first: first, code: true,
	}
}

func newPasswordField(w *Words) fieldProps {
	return fieldProps{
		name: "password", label: w.T("user.password"), hint: w.T("user.password_hint", "Limit", chat.PasswordMin),
		kind: "password", autocomplete: "new-password",
	}
}

// nextPasswordField asks for the password that takes the place of another.
func nextPasswordField(w *Words, first bool) fieldProps {
	p := newPasswordField(w)
	p.label, p.first = w.T("password.next"), first
	return p
}

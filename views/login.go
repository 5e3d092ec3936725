package views

// loginButton says what signing in does: a message that waits for it goes out at once.
func loginButton(w *Words, form Form) string {
	if form.Value("body") != "" {
		return w.T("login.send")
	}
	return w.T("login.button")
}

package handlers

import (
	"net/url"
	"strings"

	"chinwag/views"
)

// nextPath is where to go after signing in: a page of ours, or home.
func nextPath(next string) string {
	if localPath(next) {
		return next
	}
	return views.HomePath
}

// localPath says whether an address is a path on this host, as a browser reads it: browsers take a backslash for a
// slash, drop tabs and line breaks, and read what begins with two slashes as another host.
func localPath(address string) bool {
	if !strings.HasPrefix(address, "/") || strings.HasPrefix(address, "//") || strings.Contains(address, "\\") {
		return false
	}
	if strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return false
	}
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "" && u.Host == "" && u.User == nil && !strings.HasPrefix(u.Path, "//")
}

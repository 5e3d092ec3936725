package handlers_test

import (
	"net/http"
	"testing"
)

// Addresses that do not exist are counted like pages: whoever tries many is answered with a line, not with a page.
func TestUnknownAddressesAreLimited(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	b := s.stranger()
	for range 300 {
		p := b.get("/no/such/page")
		if p.Status == http.StatusTooManyRequests {
			return
		}
		p.is(http.StatusNotFound)
	}
	t.Error("three hundred unknown addresses were answered with pages")
}

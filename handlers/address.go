package handlers

import (
	"bytes"
	"net/netip"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// address is the client's: the connection's own, or, if that is a trusted proxy's, the nearest one before it that is
// not. Forwarding headers from anybody else say nothing.
func (s *Server) address(c *call) netip.Addr {
	if !c.address.IsValid() {
		c.address = s.readAddress(c)
	}
	return c.address
}

func (s *Server) readAddress(c *call) netip.Addr {
	remote := peer(c)
	// Some proxies add a line of their own to what the client sent: all lines count, in their order.
	lines := c.Request().Header.PeekAll(fiber.HeaderXForwardedFor)
	hops := strings.Split(string(bytes.Join(lines, []byte(","))), ",")
	for _, hop := range slices.Backward(hops) {
		if !s.trusted(remote) {
			break
		}
		before, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			break
		}
		remote = before.Unmap()
	}
	return remote
}

// peer is who opened the connection: the client, or the proxy before us.
func peer(c *call) netip.Addr {
	remote, ok := netip.AddrFromSlice(c.Context().RemoteIP())
	if !ok {
		return netip.IPv6Unspecified()
	}
	return remote.Unmap()
}

func (s *Server) trusted(address netip.Addr) bool {
	return slices.ContainsFunc(s.config.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(address) })
}

// block is what limits count by: one IPv4 address, or the /64 that one IPv6 line is usually given.
func block(address netip.Addr) string {
	if address.Is4() {
		return address.String()
	}
	prefix, err := address.Prefix(64)
	if err != nil {
		return address.String()
	}
	return prefix.String()
}

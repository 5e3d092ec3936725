package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"

	"chinwag/realtime"
)

// checkNATS looks at the address of the NATS servers, and never repeats it: there may be a password in it.
func (s *serveSettings) checkNATS() error {
	if s.NATSURL == "" {
		return nil
	}
	for server := range strings.SplitSeq(s.NATSURL, ",") {
		u, err := url.Parse(strings.TrimSpace(server))
		if err != nil || u.Scheme != "nats" && u.Scheme != "tls" || u.Hostname() == "" {
			return errors.New("--nats-url: this is no NATS address such as nats://nats.example.org:4222")
		}
	}
	if !s.shared() {
		return errors.New("--nats-url: it joins several nodes, and several nodes cannot share SQLite; set --database-url too")
	}
	return nil
}

// broker makes what carries hints: to all nodes over NATS, or, without its address, in this process alone.
func (s *serveSettings) broker(secret []byte, log *slog.Logger) (broker realtime.Broker, shut func(), err error) {
	if s.NATSURL == "" {
		return realtime.NewMemory(), func() {}, nil
	}
	joined, err := realtime.ConnectNATS(s.NATSURL, natsPrefix(secret), log)
	if err != nil {
		return nil, nil, fmt.Errorf("--nats-url: %w", err)
	}
	return joined, joined.Close, nil
}

// natsPrefix begins the subjects of a community: the same on all its nodes, another for each community, and telling
// nothing of it.
func natsPrefix(secret []byte) string {
	mac := hmac.New(sha256.New, secret)
	_, _ = mac.Write([]byte("nats")) // never fails
	return "chinwag." + hex.EncodeToString(mac.Sum(nil)[:8])
}

// Package natstest gives tests a NATS server of their own.
package natstest

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Server is a NATS server on a loopback port, in this process. It keeps its address when it is stopped and started.
type Server struct {
	URL string

	tb      testing.TB
	options *server.Options
	running *server.Server // nil while it is stopped
}

// Start starts a server, which ends with the test.
func Start(tb testing.TB) *Server {
	tb.Helper()
	s := Away(tb)
	s.Start()
	return s
}

// Away has the address of a server that is not there before Start.
func Away(tb testing.TB) *Server {
	tb.Helper()
	listener, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	must(tb, err)
	address := listener.Addr().String()
	must(tb, listener.Close())
	var port int
	_, err = fmt.Sscanf(address, "127.0.0.1:%d", &port)
	must(tb, err)
	s := &Server{
		URL: "nats://" + address, tb: tb,
		options: &server.Options{Host: "127.0.0.1", Port: port, NoLog: true, NoSigs: true},
	}
	tb.Cleanup(s.Stop)
	return s
}

// Start starts it, or starts it again.
func (s *Server) Start() {
	s.tb.Helper()
	running, err := server.NewServer(s.options)
	must(s.tb, err)
	s.running = running
	go running.Start()
	if !running.ReadyForConnections(10 * time.Second) {
		s.tb.Fatal("the NATS server does not start")
	}
}

// Stop ends it and cuts all lines.
func (s *Server) Stop() {
	if s.running == nil {
		return
	}
	s.running.Shutdown()
	s.running.WaitForShutdown()
	s.running = nil
}

// Wants sets who may connect after the next Start, and what they may not publish to.
func (s *Server) Wants(username, password string, forbidden ...string) {
	s.options.Users = []*server.User{{
		Username: username, Password: password,
		Permissions: &server.Permissions{Publish: &server.SubjectPermission{Deny: forbidden}},
	}}
}

// Received is how many messages came since Start.
func (s *Server) Received() int { return int(s.state().InMsgs) }

// Sent is how many messages went to those who subscribe since Start.
func (s *Server) Sent() int { return int(s.state().OutMsgs) }

// Connections is how many lines were opened since Start, whether they were let in or not.
func (s *Server) Connections() int { return int(s.state().TotalConnections) }

func (s *Server) state() *server.Varz {
	s.tb.Helper()
	state, err := s.running.Varz(nil)
	must(s.tb, err)
	return state
}

// Subjects are what clients subscribe to below a prefix, in order.
func (s *Server) Subjects(prefix string) []string {
	s.tb.Helper()
	all, err := s.running.Subsz(&server.SubszOptions{Subscriptions: true, Limit: 10_000})
	must(s.tb, err)
	list := []string{}
	for _, subscription := range all.Subs {
		if strings.HasPrefix(subscription.Subject, prefix+".") {
			list = append(list, subscription.Subject)
		}
	}
	slices.Sort(list)
	return list
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

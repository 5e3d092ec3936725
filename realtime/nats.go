package realtime

import (
	"errors"
	"fmt"
	"log/slog"
	neturl "net/url"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// NATS is the Broker of a community that runs on several nodes: hints go to this node's subscribers by a function call,
// and to the other nodes by NATS.
//
// Nothing here waits for NATS but two goroutines, one that speaks to it and one that listens, because its client does:
// while it connects, and while its line is full, whatever it is asked for takes seconds.
type NATS struct {
	*followed
	local  *Memory
	prefix string
	conn   *nats.Conn
	log    *slog.Logger

	// Used by the client's callbacks, which come one at a time.
	away       bool
	complained time.Time

	leaving  chan Hint      // waits to be sent
	arriving chan *nats.Msg // came from other nodes
	quit     chan struct{}
	working  sync.WaitGroup
}

// How many hints wait in either direction. What does not fit is dropped: who is so far behind finds out from the
// database.
const (
	leavingMost  = 4096
	arrivingMost = 4096
)

// How soon a line that is dead is noticed, and how soon another is tried.
const (
	pingEvery      = 3 * time.Second
	pingsMissed    = 2
	writeWithin    = 5 * time.Second
	connectWithin  = 2 * time.Second
	reconnectAfter = 250 * time.Millisecond
	reconnectSpan  = 750 * time.Millisecond // at random, on top
)

// ConnectNATS joins the nodes whose subjects begin with the same prefix. The url may name several servers, with commas,
// and hold their credentials. A server that is away is tried until it is there: the only error is a url that cannot be
// read. Whoever connected closes it.
func ConnectNATS(url, prefix string, log *slog.Logger) (*NATS, error) {
	n := &NATS{
		followed: newFollowed(), local: NewMemory(), prefix: prefix + ".", log: log,
		leaving: make(chan Hint, leavingMost), arriving: make(chan *nats.Msg, arrivingMost), quit: make(chan struct{}),
	}
	var err error
	n.conn, err = nats.Connect(
		url, asUs, nats.NoEcho(),
		nats.RetryOnFailedConnect(true), nats.IgnoreAuthErrorAbort(), nats.MaxReconnects(-1),
		nats.ReconnectWait(reconnectAfter), nats.ReconnectJitter(reconnectSpan, reconnectSpan),
		nats.ReconnectBufSize(-1), // a hint that could not be sent at once is of no use later
		nats.PingInterval(pingEvery), nats.MaxPingsOutstanding(pingsMissed),
		nats.FlusherTimeout(writeWithin), nats.ReconnectOnFlusherError(),
		nats.ConnectHandler(n.comes), nats.ReconnectHandler(n.comes),
		nats.DisconnectErrHandler(n.goes), nats.ReconnectErrHandler(n.goes),
		nats.ErrorHandler(n.fails), nats.NoCallbacksAfterClientClose(),
	)
	if err != nil { // and its text may hold a password
		return nil, errAddress
	}
	n.working.Go(n.speak)
	n.working.Go(n.listen)
	return n, nil
}

// AskNATS says whether one of the servers at a url takes us and answers.
func AskNATS(url string) error {
	conn, err := nats.Connect(url, asUs)
	if parsing := (*neturl.Error)(nil); errors.As(err, &parsing) {
		return errAddress
	}
	if err != nil {
		return fmt.Errorf("connect to NATS: %w", err)
	}
	defer conn.Close()
	if err := conn.FlushTimeout(connectWithin); err != nil {
		return fmt.Errorf("wait for NATS to answer: %w", err)
	}
	return nil
}

var errAddress = errors.New("connect to NATS: its address is no such thing as nats://host:4222")

// asUs is how every connection of ours is made.
func asUs(options *nats.Options) error {
	options.Name, options.Timeout = "chinwag", connectWithin
	return nil
}

// Close leaves the other nodes. What has not been sent yet is not. Close only once.
func (n *NATS) Close() {
	close(n.quit)
	n.conn.Close()
	n.working.Wait()
}

// Publish tells this node's subscribers now, and the other nodes' in a moment.
func (n *NATS) Publish(hint Hint) {
	n.local.Publish(hint)
	select {
	case n.leaving <- hint:
	default:
	}
}

// Subscribe calls fn with the hints of a topic, from this node and from others.
func (n *NATS) Subscribe(topic string, fn func(Hint)) (cancel func()) {
	end := n.local.Subscribe(topic, fn)
	n.follow(topic, 1)
	return sync.OnceFunc(func() {
		end()
		n.follow(topic, -1)
	})
}

func (n *NATS) speak() {
	subscriptions := map[string]*nats.Subscription{}
	for {
		select {
		case <-n.quit:
			return
		case <-n.moved:
			n.resubscribe(subscriptions)
		case hint := <-n.leaving:
			_ = n.conn.Publish(n.subject(hint.Topic), payload(hint)) // lost while NATS is away
		}
	}
}

// resubscribe has NATS send what is followed here by now, and nothing else.
func (n *NATS) resubscribe(subscriptions map[string]*nats.Subscription) {
	for topic, wanted := range n.changes() {
		subscription := subscriptions[topic]
		var err error
		switch {
		case wanted && subscription == nil:
			subscriptions[topic], err = n.conn.ChanSubscribe(n.subject(topic), n.arriving)
		case !wanted && subscription != nil:
			delete(subscriptions, topic)
			err = subscription.Unsubscribe()
		}
		if err != nil && !errors.Is(err, nats.ErrConnectionClosed) {
			n.log.Error("NATS does not follow", slog.String("topic", topic), slog.Any("error", err))
		}
	}
}

func (n *NATS) listen() {
	for {
		select {
		case <-n.quit:
			return
		case message := <-n.arriving:
			if hint, ok := n.hint(message.Subject, message.Data); ok {
				n.local.Publish(hint)
			}
		}
	}
}

// comes and goes write one line each.

func (n *NATS) comes(*nats.Conn) {
	n.away = false
	n.log.Info("NATS is there")
}

func (n *NATS) goes(_ *nats.Conn, err error) {
	if !n.away {
		n.away = true
		n.log.Warn("NATS is away; what other nodes do is noticed later", slog.Any("error", err))
	}
}

// fails is told of each hint that was not let through, too: one line a minute is enough.
func (n *NATS) fails(_ *nats.Conn, _ *nats.Subscription, err error) {
	if time.Since(n.complained) > time.Minute {
		n.complained = time.Now()
		n.log.Warn("NATS refuses or is too fast", slog.Any("error", err))
	}
}

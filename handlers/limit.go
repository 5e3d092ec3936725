package handlers

import (
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limitClass says how often somebody may call a route.
type limitClass int

const (
	limitNone  limitClass = iota + 1
	limitRead             // pages
	limitWrite            // forms
	limitSend             // messages
	limitEnter            // forms that take a password; counted by address, see also tries.go
)

// allowance is a token bucket: so many at once, refilled at this rate.
type allowance struct {
	every time.Duration
	burst int
}

// allowances are for one person, or for one address of somebody who is signed out. They stop a script, not a person:
// ten messages in ten seconds are more than anybody reads.
func allowances() map[limitClass]allowance {
	return map[limitClass]allowance{
		limitRead:  {every: 100 * time.Millisecond, burst: 200},
		limitWrite: {every: time.Second, burst: 30},
		limitSend:  {every: time.Second, burst: 10},
		limitEnter: {every: 6 * time.Second, burst: 30},
	}
}

// tooMany refuses a request for now.
type tooMany struct{ wait time.Duration }

func (tooMany) Error() string { return "too many requests" }

// seconds is how long to wait, rounded up, as Retry-After counts it.
func (t tooMany) seconds() int { return int((t.wait + time.Second - 1) / time.Second) }

// limits counts what each person and each address did lately. The counts are this node's and die with it; those of
// wrong passwords do not (tries.go).
type limits struct {
	server *Server
	allow  map[limitClass]allowance

	mu      sync.Mutex
	buckets map[string]*rate.Limiter
	swept   time.Time
}

func newLimits(s *Server) *limits {
	return &limits{server: s, allow: allowances(), buckets: map[string]*rate.Limiter{}, swept: time.Now()}
}

// check takes one from the caller's allowance for the route.
func (l *limits) check(c *call) error {
	c.counted = true
	class := c.route.limit
	if class == limitNone || !l.server.config.Limits {
		return nil
	}
	who := "a" + block(l.server.address(c))
	if c.session != nil && class != limitEnter { // a new account is no new allowance
		who = "u" + strconv.FormatInt(int64(c.session.User.ID), 10)
	}
	r := l.bucket(class, who).Reserve()
	if wait := r.Delay(); wait > 0 {
		r.Cancel()
		return tooMany{wait}
	}
	return nil
}

// sweepEvery is how often full buckets are forgotten.
const sweepEvery = time.Minute

func (l *limits) bucket(class limitClass, who string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Since(l.swept) > sweepEvery {
		for key, b := range l.buckets {
			if b.Tokens() >= float64(b.Burst()) {
				delete(l.buckets, key)
			}
		}
		l.swept = time.Now()
	}
	key := strconv.Itoa(int(class)) + who
	b := l.buckets[key]
	if b == nil {
		a := l.allow[class]
		b = rate.NewLimiter(rate.Every(a.every), a.burst)
		l.buckets[key] = b
	}
	return b
}

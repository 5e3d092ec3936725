package handlers_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"chinwag/handlers"
)

func TestS01_PasswordsAreTakenAsTyped(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	long := strings.Repeat("as long as few people type it, ", 4)[:100]
	emoji := strings.Repeat("a 😀b and then ", 9) + "😀b"
	for name, tt := range map[string]struct {
		username, password string
		status             int
		wrong              []string // what must not sign in
	}{
		"eleven characters":  {"eleven", "elevenchars", http.StatusUnprocessableEntity, nil},
		"eleven emoji":       {"emoji", strings.Repeat("😀", 11), http.StatusUnprocessableEntity, nil},
		"twelve characters":  {"twelve", "twelve chars", http.StatusSeeOther, []string{"twelve char", "Twelve chars", "twelve chars "}},
		"spaces around it":   {"spaces", "  twelve chars  ", http.StatusSeeOther, []string{"twelve chars"}},
		"128 with emoji":     {"emojis", emoji, http.StatusSeeOther, []string{emoji[:len(emoji)-1]}},
		"129 characters":     {"toolong", strings.Repeat("a", 129), http.StatusUnprocessableEntity, nil},
		"a late difference":  {"late", long, http.StatusSeeOther, []string{long[:89] + "x" + long[90:], long + "0"}},
		"a line break in it": {"breaks", "twelve\nchars and", http.StatusSeeOther, []string{"twelve", "twelve\r\nchars and"}},
		"no characters":      {"broken", "twelve chars\xff", http.StatusUnprocessableEntity, nil},
		"markup":             {"markup", `"><script>alert(1)</script>`, http.StatusSeeOther, nil},
	} {
		t.Run(name, func(t *testing.T) {
			b := s.stranger().in(t)
			p := b.submitsTo("/register", "username", tt.username, "password", tt.password).is(tt.status)
			if strings.Contains(p.Body, tt.password) {
				t.Error("the page shows the password")
			}
			if tt.status != http.StatusSeeOther {
				return
			}
			b.submitsFrom("/rooms", "/logout")
			for _, wrong := range tt.wrong {
				b.post("/login", "username", tt.username, "password", wrong).is(http.StatusUnauthorized)
			}
			b.post("/login", "username", tt.username, "password", tt.password).is(http.StatusSeeOther)
		})
	}
}

func TestS03_PasswordsAreHashedWithArgon2id(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	const today = "$argon2id$v=19$m=47104,t=1,p=1$"
	stored := func() string { return s.texts(`SELECT password_hash FROM users WHERE username = 'root'`)[0] }
	if got := stored(); !strings.HasPrefix(got, today) || strings.Contains(got, password) {
		t.Errorf("stored is %q", got)
	}
	t.Run("a hash of another cost is renewed at signing in", func(t *testing.T) {
		salt := []byte("0123456789abcdef")
		key := argon2.IDKey([]byte(password), salt, 2, 19*1024, 1, 32)
		enc := base64.RawStdEncoding
		s.runs(`UPDATE users SET password_hash = $1 WHERE username = 'root'`,
			"$argon2id$v=19$m=19456,t=2,p=1$"+enc.EncodeToString(salt)+"$"+enc.EncodeToString(key))
		s.stranger().in(t).submitsTo("/login", "username", "root", "password", "wrong password").is(http.StatusUnauthorized)
		if got := stored(); strings.HasPrefix(got, today) {
			t.Error("a wrong password renewed the hash")
		}
		s.stranger().in(t).signsIn("root", password).is(http.StatusOK)
		if got := stored(); !strings.HasPrefix(got, today) {
			t.Errorf("stored is %q", got)
		}
		s.stranger().in(t).signsIn("root", password).is(http.StatusOK)
	})
}

// Each hash needs 46 MiB. Forty people who sign in at once must not need forty times that, nor stop the others.
func TestS03_ManySignInsAtOnceStayBounded(t *testing.T) {
	s := openSite(t, withoutLimits)
	people, requests := make([]*browser, 40), make([]*http.Request, 40)
	for i := range people {
		people[i] = s.stranger()
		people[i].opens("/login")
		requests[i] = people[i].postRequest("/login", "username", "root", "password", password)
	}
	bare := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer bare.Close()
	before, peak := heap(), uint64(0)
	var health, machine []time.Duration // how long answers took: ours, and those of a server beside it that does nothing
	done := make(chan struct{})
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	var watch sync.WaitGroup
	watch.Go(func() {
		probe := s.stranger()
		nothing := probe.request(http.MethodGet, "/", nil)
		nothing.URL.Host = strings.TrimPrefix(bare.URL, "http://")
		for {
			health = append(health, took(func() { probe.get(handlers.HealthPath).is(http.StatusOK) }))
			machine = append(machine, took(func() { probe.do(nothing).is(http.StatusOK) }))
			peak = max(peak, heap())
			select {
			case <-done:
				return
			case <-tick.C:
			}
		}
	})
	together(len(people), func(i int) {
		p := people[i].do(requests[i])
		for p.Status == http.StatusServiceUnavailable && p.Header.Get("Retry-After") != "" { // a slow machine: it asks again
			body, err := requests[i].GetBody()
			must(t, err)
			requests[i].Body = body
			p = people[i].do(requests[i])
		}
		p.is(http.StatusSeeOther)
	})
	close(done)
	watch.Wait()
	if grown := int64(peak) - int64(before); grown > 300<<20 {
		t.Errorf("memory grew by %d MiB", grown>>20)
	}
	// A machine with other things to do is slow for everybody: what counts is what we add to that.
	if ours, its := p95(health), p95(machine); ours > 200*time.Millisecond+5*its {
		t.Errorf("of %d health checks one in twenty took %v or more, where one in twenty answers of a bare server took %v", len(health), ours, its)
	}
}

func took(do func()) time.Duration {
	started := time.Now()
	do()
	return time.Since(started)
}

// p95 is what one in twenty takes, or more.
func p95(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)*95/100]
}

// heap is what the program's objects take, in bytes.
func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

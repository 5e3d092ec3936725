package handlers_test

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestS04_GuessingIsSlowedWithoutLockingOut(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob := s.stranger()
	bob.signsUp("bob")
	bob.submitsFrom("/rooms", "/logout").is(http.StatusOK)
	var guessers []*browser
	for i := range 3 {
		guessers = append(guessers, s.stranger().from(fmt.Sprintf("127.0.0.%d", 10+i)))
	}
	spellings := []string{"bob", "BOB", " bob ", "bob\t", "\u00a0bob", "bob\u200b", "b\x00ob", "\uff42ob", "bob\r\n", "\u2028bob", "b\x7fob", "bob\u2060"}
	tries := 0
	var stopped *page
	for stopped == nil && tries < 30 {
		g := guessers[tries%len(guessers)]
		tries++
		if p := g.submitsTo("/login", "username", spellings[tries%len(spellings)], "password", "a wrong guess"); p.Status == http.StatusTooManyRequests {
			stopped = p
		}
	}
	if stopped == nil || tries > 15 {
		t.Fatalf("guessing stopped after %d tries", tries)
	}
	if stopped.Header.Get("Retry-After") == "" {
		t.Error("nothing says when to try again")
	}
	t.Run("the right password does not help the guesser", func(t *testing.T) {
		guessers[0].in(t).post("/login", "username", "bob", "password", password).is(http.StatusTooManyRequests)
	})
	t.Run("nor a device that somebody else knows", func(t *testing.T) {
		other := s.stranger().in(t)
		other.signsUp("other")
		other.post("/login", "username", "bob", "password", password).is(http.StatusTooManyRequests)
	})
	t.Run("bob's own browser still signs in", func(t *testing.T) {
		bob.in(t).signsIn("bob", password).is(http.StatusOK)
	})
	t.Run("a restart forgets nothing", func(t *testing.T) {
		s.restarts()
		s.stranger().in(t).submitsTo("/login", "username", "bob", "password", password).is(http.StatusTooManyRequests)
		s.stranger().in(t).submitsTo("/login", "username", "root", "password", password).is(http.StatusSeeOther)
	})
}

// Whoever has two names to sign in by has no more tries than others, and their own browser knows both.
func TestS04_AnAddressIsNoSecondAllowance(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob := s.stranger()
	bob.signsUp("bob")
	s.hasEmail("bob", "bob@example.org")
	bob.submitsFrom("/rooms", "/logout").is(http.StatusOK)
	guesser := s.stranger().from("127.0.0.9")
	names := []string{"bob", "bob@example.org", "BOB@Example.org"}
	for i := range 10 {
		guesser.submitsTo("/login", "username", names[i%len(names)], "password", "a wrong guess").is(http.StatusUnauthorized)
	}
	for _, name := range names {
		guesser.submitsTo("/login", "username", name, "password", password).is(http.StatusTooManyRequests)
	}
	bob.signsIn("bob@example.org", password).is(http.StatusOK)
}

func TestS04_FormsWithPasswordsCountByAddressBlock(t *testing.T) {
	t.Parallel()
	s := openSite(t, behindProxy)
	b := s.stranger()
	form := formOf([]string{"username", "bob", "password", "too short", "csrf", b.token()})
	for name, tt := range map[string]struct {
		address func(i int) string
		stopped bool
	}{
		"one address":         {func(int) string { return "203.0.113.7" }, true},
		"one IPv6 line":       {func(i int) string { return fmt.Sprintf("2001:db8:1:1::%x", i+1) }, true},
		"one, written longer": {func(i int) string { return []string{"::ffff:203.0.113.8", "203.0.113.8"}[i%2] }, true},
		"many IPv4 addresses": {func(i int) string { return fmt.Sprintf("203.0.113.%d", i+10) }, false},
		"many IPv6 lines":     {func(i int) string { return fmt.Sprintf("2001:db8:2:%x::1", i) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := b.in(t)
			stopped := false
			for i := range 35 {
				req := b.request(http.MethodPost, "/register", form)
				req.Header.Set("X-Forwarded-For", tt.address(i))
				stopped = stopped || b.do(req).Status == http.StatusTooManyRequests
			}
			if stopped != tt.stopped {
				t.Errorf("stopped: %v", stopped)
			}
		})
	}
}

// Whether there is an account shows neither in the answer nor in the time it takes.
func TestS05_SigningInRevealsNoAccount(t *testing.T) {
	s := openSite(t, withoutLimits)
	s.person("bob")
	s.person("gone")
	s.runs(`UPDATE users SET disabled = TRUE WHERE username = 'gone'`)
	tries := map[string][2]string{
		"a wrong password":                       {"bob", "a wrong guess"},
		"nobody's name":                          {"nobody", "a wrong guess"},
		"a disabled account":                     {"gone", "a wrong guess"},
		"a disabled account, the right password": {"gone", password},
	}
	b := s.stranger()
	b.opens("/login")
	t.Run("answer", func(t *testing.T) {
		var want string
		for name, try := range tries {
			p := b.in(t).post("/login", "username", try[0], "password", try[1]).is(http.StatusUnauthorized)
			got := strings.ReplaceAll(p.bare(), `value="`+try[0]+`"`, `value="…"`)
			got = strings.ReplaceAll(got, fmt.Sprintf("Content-Length: %d", len(p.Body)), fmt.Sprintf("Content-Length: %d", len(p.Body)-len(try[0])))
			if want == "" {
				want = got
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s is answered otherwise:\n%s", name, diff)
			}
		}
	})
	t.Run("time", func(t *testing.T) {
		const samples = 20 // of each
		differ := func() (list []string) {
			took := map[string][]float64{}
			for range samples {
				for name, try := range tries { // in another order each time
					req := b.in(t).postRequest("/login", "username", try[0], "password", try[1])
					started := time.Now()
					b.in(t).do(req)
					took[name] = append(took[name], time.Since(started).Seconds())
				}
			}
			for name := range tries {
				if rankTest(took["a wrong password"], took[name]) < 0.01 {
					list = append(list, name)
				}
			}
			return list
		}
		if first := differ(); len(first) > 0 {
			for _, name := range differ() { // noise does not come twice
				if slices.Contains(first, name) {
					t.Errorf("the time tells %s", name)
				}
			}
		}
	})
}

// rankTest is the two-sided p-value of the Mann-Whitney U test: how likely two samples of one distribution differ as
// much as these. The normal approximation holds from about twenty values each.
func rankTest(a, b []float64) float64 {
	all := slices.Concat(a, b)
	slices.Sort(all)
	rank := func(x float64) float64 {
		low, _ := slices.BinarySearch(all, x)
		high := low
		for high < len(all) && all[high] == x {
			high++
		}
		return float64(low+high+1) / 2
	}
	sum := 0.0
	for _, x := range a {
		sum += rank(x)
	}
	n, m := float64(len(a)), float64(len(b))
	u := sum - n*(n+1)/2
	z := (u - n*m/2) / math.Sqrt(n*m*(n+m+1)/12)
	return math.Erfc(math.Abs(z) / math.Sqrt2)
}

func TestRankTestTellsSamplesApart(t *testing.T) {
	t.Parallel()
	var a, b, c []float64
	for i := range 30 {
		a, b, c = append(a, float64(i)), append(b, float64(i)+0.5), append(c, float64(i)+20)
	}
	if p := rankTest(a, a); p < 0.99 {
		t.Errorf("a sample differs from itself: p = %v", p)
	}
	if p := rankTest(a, b); p < 0.5 {
		t.Errorf("like samples differ: p = %v", p)
	}
	if p := rankTest(a, c); p > 0.001 {
		t.Errorf("unlike samples do not differ: p = %v", p)
	}
}

// Whether an address is somebody's does not show at registering.
func TestS05_RegisteringRevealsNoAddress(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	register := func(username, email string) string {
		b := s.stranger()
		p := b.submitsTo("/register", "username", username, "password", password, "email", email).is(http.StatusSeeOther)
		return strings.ReplaceAll(p.bare(), username, "…")
	}
	first := register("bob", "bob@example.org")
	if diff := cmp.Diff(first, register("eve", "bob@example.org")); diff != "" {
		t.Errorf("an address that somebody has is answered otherwise:\n%s", diff)
	}
}

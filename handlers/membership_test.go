package handlers_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chinwag/chat"
)

// counted holds that every room's count of members is the number of its memberships.
func (s *site) counted(t *testing.T) {
	t.Helper()
	wrong := s.texts(`SELECT name || ': ' || members FROM rooms r WHERE members <> (SELECT COUNT(*) FROM memberships WHERE room_id = r.id)`)
	if len(wrong) > 0 {
		t.Errorf("the counts of members are wrong: %q", wrong)
	}
}

func TestJoiningAndLeaving(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	market := s.room("Market", chat.RoomPublic, 1)
	secret := s.room("Secrets", chat.RoomPrivate, 1)
	bob, eve := s.newcomer(), s.newcomer(secret)
	bob.submitsFrom(roomPath(market), roomPath(market)+"/join").is(http.StatusOK)
	bob.post(roomPath(market) + "/join").is(http.StatusSeeOther) // once more is no error
	if got := s.number(`SELECT COUNT(*) FROM memberships WHERE room_id = $1 AND user_id = $2`, market, bob.me()); got != 1 {
		t.Errorf("bob is in the room %d times", got)
	}
	if p := bob.opens("/"); p.URL != s.URL+roomPath(market) {
		t.Errorf("home is %s", p.URL)
	}
	bob.submitsFrom(roomPath(market)+"/members", roomPath(market)+"/leave").is(http.StatusOK).sees("Market") // a notice
	bob.opens("/rooms")
	bob.post(roomPath(market) + "/leave").is(http.StatusSeeOther)
	if p := bob.opens("/"); p.URL != s.URL+"/rooms" {
		t.Errorf("home is %s", p.URL)
	}
	bob.get(roomPath(secret)).is(http.StatusNotFound)
	eve.submitsFrom(roomPath(secret)+"/members", roomPath(secret)+"/members", "username", bob.name()).is(http.StatusOK).sees(bob.name())
	bob.get(roomPath(secret)).is(http.StatusOK)
	p := eve.post(roomPath(secret)+"/members", "username", "nobody").is(http.StatusUnprocessableEntity)
	if p.alerts() == "" || p.hidden("username") != "nobody" {
		t.Errorf("shown is %q beside %q", p.alerts(), p.hidden("username"))
	}
	eve.post(roomPath(secret)+"/members", "username", bob.name()).is(http.StatusSeeOther) // in already
	s.counted(t)
}

// Thirty people come and go at once, each by clicks on a double mouse.
func TestConcurrentJoinsAndLeavesAreCounted(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	market := s.room("Market", chat.RoomPublic, 1)
	people := make([]chat.UserID, 30)
	for i := range people {
		people[i] = s.newcomer().me()
	}
	ctx := context.Background()
	together(4*len(people), func(i int) {
		who, random := people[i%len(people)], rand.New(rand.NewPCG(3, uint64(i)))
		for range 6 {
			act := s.community.Join
			if random.IntN(2) == 0 {
				act = s.community.Leave
			}
			if err := act(ctx, who, market); err != nil {
				t.Error(err)
			}
		}
	})
	s.counted(t)
	in := s.number(`SELECT COUNT(*) FROM memberships WHERE room_id = $1`, market)
	bob := s.newcomer()
	requests := make([]*http.Request, 20)
	for i := range requests {
		requests[i] = bob.postRequest(roomPath(market) + []string{"/join", "/leave"}[i%2])
	}
	together(len(requests), func(i int) { bob.tab().do(requests[i]).is(http.StatusSeeOther) })
	bob.post(roomPath(market) + "/join").is(http.StatusSeeOther)
	s.counted(t)
	if got := s.number(`SELECT members FROM rooms WHERE id = $1`, market); got != in+1 {
		t.Errorf("%d members, not %d", got, in+1)
	}
}

// What somebody made twice by a double click are two rooms, each whole.
func TestRoomsAreMadeWhole(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	bob := s.newcomer()
	requests := make([]*http.Request, 10)
	for i := range requests {
		requests[i] = bob.postRequest("/rooms", "name", "Music", "kind", "private", "topic", "loud")
	}
	together(len(requests), func(i int) { bob.tab().do(requests[i]).is(http.StatusSeeOther) })
	got := s.texts(`SELECT r.id || ' ' || r.kind || ' ' || r.topic || ' ' || m.role FROM rooms r JOIN memberships m ON m.room_id = r.id WHERE r.id > 1 ORDER BY r.id`)
	want := []string{}
	for id := 2; id <= 11; id++ {
		want = append(want, itoa(id)+" private loud owner")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for field, values := range map[string][]string{
		"name": {"name", "", "kind", "public"}, "kind": {"name", "Music", "kind", "secret"},
	} {
		p := bob.post("/rooms", values...).is(http.StatusUnprocessableEntity)
		if p.alerts() == "" {
			t.Errorf("nothing says what is wrong with the %s", field)
		}
	}
	s.counted(t)
}

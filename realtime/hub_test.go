package realtime_test

import (
	"testing"

	"chinwag/realtime"
)

// roomy is a bound that no test fills by accident.
const roomy = 1 << 16

// send gives a topic its next change; rev 0 is none.
func send(hub *realtime.Hub, topic string, rev int64, text []byte) {
	hub.Send(topic, max(rev-1, 0), rev, text)
}

func frameOf(t *testing.T, screen *realtime.Screen) string {
	t.Helper()
	batch, ok := screen.Take()
	if ok && (batch.Behind || batch.End != 0) {
		t.Fatalf("got %+v, want a frame", batch)
	}
	return realtime.TextOf(batch.Frame)
}

func wantFrame(t *testing.T, screen *realtime.Screen, want string) {
	t.Helper()
	if got := frameOf(t, screen); got != want {
		t.Errorf("got frame %q, want %q", got, want)
	}
}

// TestEndOfOneScreen is what a node does that lets its screens go one by one.
func TestEndOfOneScreen(t *testing.T) {
	hub := realtime.NewHub(roomy)
	ada, bob := hub.Open("room/1", "user/ada"), hub.Open("room/1", "user/ada")
	send(hub, "room/1", 1, []byte("1"))
	ada.End(1012)
	send(hub, "room/1", 2, []byte("2"))
	wantEnd(t, ada, 1012)
	wantFrame(t, ada, "")
	wantFrame(t, bob, "12")
}

func wantEnd(t *testing.T, screen *realtime.Screen, code int) {
	t.Helper()
	if batch, _ := screen.Take(); batch.End != code || batch.Frame != nil {
		t.Errorf("got %+v, want the end with code %d", batch, code)
	}
}

func TestSendReachesThoseWhoWatch(t *testing.T) {
	hub := realtime.NewHub(roomy)
	ada, bob := hub.Open("room/1", "user/ada"), hub.Open("room/2", "user/bob")
	send(hub, "room/1", 1, []byte("a"))
	send(hub, "room/2", 1, []byte("b"))
	send(hub, "user/bob", 0, []byte("c"))
	send(hub, "room/3", 1, []byte("nobody"))
	wantFrame(t, ada, "a")
	wantFrame(t, bob, "bc")
	wantFrame(t, bob, "")
}

func TestOneFrameIsGivenWithoutCopy(t *testing.T) {
	hub := realtime.NewHub(roomy)
	ada, bob := hub.Open("room/1"), hub.Open("room/1")
	send(hub, "room/1", 1, []byte("shared"))
	first, _ := ada.Take()
	second, _ := bob.Take()
	if &first.Frame[0] != &second.Frame[0] {
		t.Error("the bytes were copied")
	}
}

func TestCountFollowsOpenJoinLeaveAndClose(t *testing.T) {
	hub := realtime.NewHub(roomy)
	want := func(topic string, count int) {
		t.Helper()
		if got := hub.Count(topic); got != count {
			t.Errorf("%s: count %d, want %d", topic, got, count)
		}
	}
	want("room/1", 0)
	ada := hub.Open("room/1", "room/1")
	want("room/1", 1)
	bob := hub.Open("room/1", "room/2")
	want("room/1", 2)
	ada.Leave("room/1", "room/7")
	want("room/1", 1)
	bob.Close()
	bob.Close()
	want("room/1", 0)
	want("room/2", 0)
}

func TestEvictTakesTheTopicFromOnePerson(t *testing.T) {
	hub := realtime.NewHub(roomy)
	ada, bob := hub.Open("room/1", "user/ada"), hub.Open("room/1", "room/2", "user/bob")
	send(hub, "room/1", 1, []byte("1"))
	send(hub, "room/2", 1, []byte("2"))
	hub.Evict("room/1", "user/bob", []byte("bye"))
	send(hub, "room/1", 2, []byte("3"))
	send(hub, "room/2", 2, []byte("4"))
	wantFrame(t, ada, "13")
	wantFrame(t, bob, "2bye4")
	if _, watching := bob.Reached("room/1"); watching {
		t.Error("the evicted screen still watches")
	}
}

func TestEvictEverybody(t *testing.T) {
	hub := realtime.NewHub(roomy)
	screens := []*realtime.Screen{hub.Open("room/1"), hub.Open("room/1"), hub.Open("room/1")}
	hub.Evict("room/1", "room/1", []byte("The room is gone."))
	send(hub, "room/1", 1, []byte("too late"))
	for _, screen := range screens {
		wantFrame(t, screen, "The room is gone.")
	}
	if hub.Count("room/1") != 0 {
		t.Error("the room is still watched")
	}
}

func TestEndDropsWhatWaitsAndIsTheLast(t *testing.T) {
	hub := realtime.NewHub(roomy)
	ada, bob := hub.Open("room/1", "session/a"), hub.Open("room/1", "session/b")
	send(hub, "room/1", 1, []byte("1"))
	hub.End("session/a", 1008)
	send(hub, "room/1", 2, []byte("2"))
	send(hub, "room/1", 3, []byte("3"))
	wantEnd(t, ada, 1008)
	wantFrame(t, ada, "")
	wantFrame(t, bob, "123")
	if hub.Count("room/1") != 1 {
		t.Error("the ended screen still watches")
	}
}

func TestEndAllAlsoEndsScreensOpenedLater(t *testing.T) {
	hub := realtime.NewHub(roomy)
	early, without := hub.Open("room/1"), hub.Open()
	hub.EndAll(1012)
	late := hub.Open("room/1")
	for _, screen := range []*realtime.Screen{early, without, late} {
		wantEnd(t, screen, 1012)
		screen.Close()
	}
}

package handlers_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chinwag/chat"
)

// file is the file for programs, as one reads it.
type file struct {
	Community string
	Account   struct{ Username, Email, Role string }
	Devices   []struct{ Browser string }
	Rooms     []struct{ Name string }
	Log       []struct{ Action string }
	Messages  []struct {
		Room     int64
		RoomName string `json:"room_name"`
		Seq      int64
		Body     string
		Versions []struct{ Body string }
	}
}

func TestDownloadedData(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	music := s.room("Music", chat.RoomPrivate, 2)
	bob, ada := s.settles("bob", general, music), s.person("ada")
	s.runs(`UPDATE users SET email = 'bob@x.test', email_key = 'bob@x.test', email_verified = TRUE WHERE username = 'bob'`)
	s.runs(`UPDATE users SET email = 'ada@x.test' WHERE username = 'ada'`)
	s.runs(`UPDATE sessions SET address = '203.0.113.7' WHERE user_id = $1`, ada.me())
	bob.says(general, "my **first** <b>")
	ada.says(general, "from ada")
	bob.says(music, "in private")
	bob.post(editPath(1), "body", "my **second** <b>").is(http.StatusSeeOther)
	bob.says(general, "thrown away")
	bob.post(roomPath(general) + "/3/delete").is(http.StatusSeeOther)

	t.Run("for programs", func(t *testing.T) {
		p := bob.in(t).post("/settings/download", "format", "json").is(http.StatusOK)
		if got := p.Header.Get("Content-Disposition"); got != `attachment; filename="chinwag-bob.json"` {
			t.Errorf("the file is called %q", got)
		}
		if got := p.Header.Get("Content-Type"); !strings.HasPrefix(got, "application/json") {
			t.Errorf("it is %q", got)
		}
		var got file
		must(t, json.Unmarshal([]byte(p.Body), &got))
		var said []string
		for _, m := range got.Messages {
			line := strconv.FormatInt(m.Room, 10) + "/" + strconv.FormatInt(m.Seq, 10) + " " + m.RoomName + ": " + m.Body
			for _, v := range m.Versions {
				line += " < " + v.Body
			}
			said = append(said, line)
		}
		want := []string{"1/1 General: my **second** <b> < my **first** <b>", "2/3 Music: in private"}
		if diff := cmp.Diff(want, said); diff != "" {
			t.Error(diff)
		}
		if got.Account.Username != "bob" || got.Account.Email != "bob@x.test" || len(got.Devices) != 1 || len(got.Rooms) != 2 {
			t.Errorf("%+v", got)
		}
		p.misses("ada@x.test", "203.0.113.7", "from ada", "thrown away", "argon2", bob.cookie("sid"), string(chat.SessionID(bob.cookie("sid")).Hash()))
	})
	t.Run("for people", func(t *testing.T) {
		p := bob.in(t).post("/settings/download", "format", "html").is(http.StatusOK)
		if got := p.Header.Get("Content-Disposition"); got != `attachment; filename="chinwag-bob.html"` {
			t.Errorf("the file is called %q", got)
		}
		p.sees("Data of bob", "bob@x.test, confirmed", "my second <b>", "my first <b>", "in private", "Music")
		p.misses("ada@x.test", "203.0.113.7", "from ada", "thrown away", "argon2", bob.cookie("sid"), "<script", "csrf")
		if !strings.HasSuffix(strings.TrimSpace(p.Body), "</html>") {
			t.Error("the file has no end")
		}
	})
	t.Run("it is written down", func(t *testing.T) {
		if got := s.texts(`SELECT detail FROM audit WHERE action = 'data.downloaded' AND user_id = $1 ORDER BY id`, bob.me()); !cmp.Equal(got, []string{"json", "html"}) {
			t.Errorf("%q", got)
		}
	})
	t.Run("another format", func(t *testing.T) {
		for _, format := range []string{"", "xml", "html\r\n"} {
			bob.in(t).post("/settings/download", "format", format).is(http.StatusUnprocessableEntity).sees("Choose how you want it")
		}
	})
}

// Much of it comes while it is read: the server keeps no whole file, and who goes away in the middle leaves nothing behind.
func TestDownloadsAreStreamed(t *testing.T) {
	s := openSite(t, withoutLimits)
	bob := s.person("bob")
	const many = 9000 // 29 MB
	text := s.writesMuch("bob", many)
	for _, format := range []string{"json", "html"} {
		req := bob.postRequest("/settings/download", "format", format)
		before := liveHeap()
		res, err := bob.client.Do(req)
		must(t, err)
		n, most, chunk := 0, uint64(0), make([]byte, 1<<20)
		for err == nil {
			var read int
			read, err = io.ReadFull(res.Body, chunk)
			n += read
			most = max(most, liveHeap())
		}
		must(t, res.Body.Close())
		if n < many*len(text) {
			t.Errorf("%s: %d bytes", format, n)
		}
		if grown := int64(most) - int64(before); grown > 16<<20 {
			t.Errorf("%s: memory grew by %d bytes", format, grown)
		}
	}
	t.Run("who goes away", func(t *testing.T) {
		res, err := bob.client.Do(bob.postRequest("/settings/download", "format", "json"))
		must(t, err)
		_, err = res.Body.Read(make([]byte, 1000))
		must(t, err)
		must(t, res.Body.Close())
		eventually(t, func() bool { return strings.Contains(s.log.String(), "answer cut off") })
		bob.in(t).get("/rooms").is(http.StatusOK)
	})
	t.Run("when the database fails", func(t *testing.T) {
		res, err := bob.client.Do(bob.postRequest("/settings/download", "format", "html"))
		must(t, err)
		s.runs(`ALTER TABLE edits RENAME TO elsewhere`)
		defer s.runs(`ALTER TABLE elsewhere RENAME TO edits`)
		if _, err := io.Copy(io.Discard, res.Body); err == nil {
			t.Error("half a file passes for a whole one")
		}
		must(t, res.Body.Close())
	})
	t.Run("when its person is put out", func(t *testing.T) {
		res, err := bob.client.Do(bob.postRequest("/settings/download", "format", "json"))
		must(t, err)
		must(t, s.community.EndSessions(t.Context(), chat.Actor{User: s.userID("bob")}, ""))
		if _, err := io.Copy(io.Discard, res.Body); err == nil {
			t.Error("they read on")
		}
		must(t, res.Body.Close())
		bob.signsIn("bob", password).is(http.StatusOK)
	})
	t.Run("when the server ends", func(t *testing.T) {
		res, err := bob.client.Do(bob.postRequest("/settings/download", "format", "html"))
		must(t, err)
		s.restarts()
		if _, err := io.Copy(io.Discard, res.Body); err == nil {
			t.Error("half a file passes for a whole one")
		}
		must(t, res.Body.Close())
	})
}

// Files that nobody reads keep only so many places, and each place is free again once its file has gone.
func TestS69_DownloadsAtATimeAreFew(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob, ann := s.person("bob"), s.person("ann")
	s.writesMuch("bob", 9000)
	var unread []*http.Response
	for range 2 {
		res, err := bob.client.Do(bob.postRequest("/settings/download", "format", "json"))
		must(t, err)
		if res.StatusCode != http.StatusOK {
			t.Fatal(res.Status)
		}
		unread = append(unread, res)
	}
	refused := bob.post("/settings/download", "format", "json").is(http.StatusTooManyRequests)
	if refused.Header.Get("Retry-After") == "" || refused.alerts() == "" {
		t.Error("nothing says when to try again")
	}
	ann.post("/settings/download", "format", "json").is(http.StatusOK)
	for _, res := range unread {
		must(t, res.Body.Close())
	}
	eventually(t, func() bool { return bob.post("/settings/download", "format", "json").Status == http.StatusOK })
}

// writesMuch has somebody write many long messages, and gives their text.
func (s *site) writesMuch(name string, many int) string {
	s.t.Helper()
	id, text := s.userID(name), strings.Repeat("something to say ", 200)
	must(s.t, s.db.Write(s.t.Context(), general, func(tx chat.Tx) error {
		for i := range many {
			seq, rev, err := tx.AdvanceRoom(general)
			if err != nil {
				return err
			}
			m := chat.MessageRow{Key: "k" + strconv.Itoa(i), BodyMAC: []byte("none")}
			m.Room, m.Seq, m.Rev, m.Author, m.Body, m.HTML, m.At = general, seq, rev, id, text, chat.SafeHTML("<p>"+text+"</p>"), s.clock.now()
			if err := tx.CreateMessage(m); err != nil {
				return err
			}
		}
		return nil
	}))
	return text
}

// liveHeap is how many bytes somebody still points to.
func liveHeap() uint64 {
	runtime.GC()
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	return live[0].Value.Uint64()
}

// The names of files hold nothing that a header could be made of.
func TestS48_NamesOfFilesArePlain(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob := s.settles("b.o_b-2", general)
	p := bob.do(bob.request(http.MethodPost, "/settings/download", url.Values{"csrf": {bob.token()}, "format": {"json"}})).is(http.StatusOK)
	if got := p.Header.Get("Content-Disposition"); got != `attachment; filename="chinwag-b.o_b-2.json"` {
		t.Errorf("the file is called %q", got)
	}
}

package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"chinwag/chat"
)

// directory are the rooms on the directory's page, by name.
func (p *page) directory() []string {
	var list []string
	for n := range p.byID("pane").Descendants() {
		if n.Type == html.ElementNode && n.Data == "b" && attribute(n.Parent, "href") != "" {
			list = append(list, textOf(n))
		}
	}
	return list
}

func TestS50_SearchingForRooms(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	for _, name := range []string{"Music", "100% Music", "under_score", `back\slash`, "Éclairs", "quote'd", `"double"`, "x--y"} {
		s.room(name, chat.RoomPublic, 0)
	}
	secret := s.room("Secret Music", chat.RoomPrivate, 0)
	bob, member := s.newcomer(general), s.newcomer(secret)
	all := []string{`"double"`, "100% Music", `back\slash`, "Éclairs", "General", "Music", "quote'd", "under_score", "x--y"}
	slices.Sort(all)
	for query, want := range map[string][]string{
		"music": {"100% Music", "Music"}, "MUSIC": {"100% Music", "Music"}, " music ": {"100% Music", "Music"},
		"%": {"100% Music"}, "_": {"under_score"}, `\`: {`back\slash`}, "éclair": {"Éclairs"}, "E\u0301CLAIR": {"Éclairs"},
		"'": {"quote'd"}, `"`: {`"double"`}, "--": {"x--y"}, "": all, "secret": nil,
		"' OR 1=1 --": nil, `") OR ("1"="1`: nil,
	} {
		t.Run(query, func(t *testing.T) {
			p := bob.in(t).get("/rooms?q=" + url.QueryEscape(query)).is(http.StatusOK)
			got := p.directory()
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if got := member.get("/rooms?q=secret").directory(); !cmp.Equal(got, []string{"Secret Music"}) {
		t.Errorf("its member finds %q", got)
	}
}

func TestS50_SearchesThatMeanHarm(t *testing.T) {
	s := openSite(t, withoutLimits)
	s.room("Secrets", chat.RoomPrivate, 1)
	bob := s.newcomer(general)
	for _, query := range []string{
		"'", `"`, "' OR ''='", `"; DROP TABLE rooms; --`, "name:secret*", "NEAR(a b)", "a AND", "NOT", "(", "*", "^", "\x00", "\xff\xfe",
		strings.Repeat("%", 200), strings.Repeat("_", 200), strings.Repeat(`\`, 200), strings.Repeat("(", 200), strings.Repeat("😀", 200),
		strings.Repeat("😀", 2000), strings.Repeat("a", 4000), "(a+)+$", "[a-z]", "${1}", "{{.}}", "$1", "?1",
	} {
		t.Run(fmt.Sprintf("%.20q", query), func(t *testing.T) {
			started := time.Now()
			p := bob.in(t).get("/rooms?q=" + url.QueryEscape(query))
			if took := time.Since(started); took > 2*time.Second {
				t.Errorf("took %v", took)
			}
			if p.Status != http.StatusOK && (p.Status < 400 || p.Status > 499) {
				t.Errorf("answered %d", p.Status)
			}
			p.misses("Secrets")
			noInternals(t, strings.ReplaceAll(p.text(), query, ""))
		})
	}
	if got := bob.get("/rooms").directory(); !cmp.Equal(got, []string{"General"}) {
		t.Errorf("the rooms are %q", got)
	}
}

// Nobody reads somebody else's address, session or hidden room on any page; an administrator reads addresses where that is their task.
func TestS35_PagesShowNothingOfOthersThatIsPrivate(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	ada := s.stranger()
	ada.opens("/register")
	ada.post("/register", "username", "ada", "password", password, "email", "ada@private.test", "display_name", "Ada L.").is(http.StatusSeeOther)
	secret := ada.makesRoom("Hidden Garden", chat.RoomPrivate)
	ada.says(secret, "a buried word")
	ada.says(general, "hello all")
	market := s.room("Market", chat.RoomPublic, 1)
	hash := string(chat.SessionID(ada.cookie("sid")).Hash())
	for name, b := range map[string]*browser{"a member of the same room": s.newcomer(general), "a guest": s.newcomer(), "the administrator": s.root(), "herself": ada} {
		t.Run(name, func(t *testing.T) {
			b := b.in(t)
			pages := b.crawls("/rooms", "/rooms/1", "/rooms/1/members", roomPath(market), roomPath(market)+"/members", "/rooms?q=hidden")
			if len(pages) < 8 {
				t.Errorf("only %d pages were found", len(pages))
			}
			for _, p := range pages {
				own, admin := strings.HasPrefix(p.path(), "/settings"), strings.HasPrefix(p.path(), "/admin")
				p.misses(hash, ada.cookie("sid"))
				if !own && !admin {
					p.misses("127.0.0.1\"", "Go-http-client")
				}
				if mayRead := own && name == "herself" || admin && name == "the administrator"; !mayRead {
					p.misses("private.test")
				}
				if name != "herself" {
					p.misses("Hidden Garden", "a buried word")
				}
			}
		})
	}
}

// path is where a page was asked for.
func (p *page) path() string {
	u, err := url.Parse(p.URL)
	must(p.t, err)
	return u.Path
}

// crawls opens these pages and all that they link to.
func (b *browser) crawls(paths ...string) []*page {
	b.t.Helper()
	var pages []*page
	seen := map[string]bool{}
	for len(paths) > 0 {
		path := paths[0]
		paths = paths[1:]
		if seen[path] || len(seen) > 200 {
			continue
		}
		seen[path] = true
		p := b.opens(path)
		pages = append(pages, p)
		for n := range p.root.Descendants() {
			if href := attribute(n, "href"); n.Data == "a" && strings.HasPrefix(href, "/") {
				path, _, _ := strings.Cut(href, "#")
				paths = append(paths, path)
			}
		}
	}
	return pages
}

// What opens a session or a form stands in no address that a log or a Referer could keep.
func TestS20_NoSecretStandsInAnAddress(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	bob := s.person("bob")
	market := s.room("Market", chat.RoomPublic, 60)
	for _, p := range bob.crawls("/", "/rooms/1", roomPath(market)) {
		secrets := []string{bob.cookie("sid"), bob.cookie("device")}
		for n := range p.root.Descendants() {
			if attribute(n, "name") == "csrf" {
				secrets = append(secrets, attribute(n, "value"))
			}
		}
		for n := range p.root.Descendants() {
			for _, a := range n.Attr {
				if !slices.Contains([]string{"href", "src", "action", "hx-get", "hx-post", "hx-ws:connect", "formaction"}, a.Key) {
					continue
				}
				for _, secret := range secrets {
					if secret != "" && strings.Contains(a.Val, secret) {
						t.Errorf("%s has %s=%q", p.URL, a.Key, a.Val)
					}
				}
			}
		}
	}
}

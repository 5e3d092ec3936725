package static_test

import (
	"strconv"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/fasthttp/websocket"
)

const (
	connected  = `document.getElementById('app')._htmx.ws.connection.socket.readyState === WebSocket.OPEN`
	lineSilent = `document.getElementById('line').hidden`
	lineLost   = `!document.getElementById('line').hidden && document.getElementById('line').textContent === 'Connection lost.'`
	// hurry makes a page's timers ten times faster, where a test would have to sit through seconds.
	hurry       = `const slow = setTimeout; setTimeout = (call, delay, ...rest) => slow(call, delay / 10, ...rest)`
	askToReload = `<p id="line" role="status" data-reload hx-swap-oob="true">Away too long. <a href="/rooms/12">Reload</a></p>`
)

func TestConnection(t *testing.T) {
	browser := startBrowser(t)
	for name, test := range map[string]func(*room, *tab){
		"cursor after restarts": reconnectExactly,
		"back and forward":      comeBackFromCache,
		"session ended":         endWithSession,
		"online":                reconnectOnline,
		"shown after long":      reconnectWhenShown,
		"lost":                  sayLost,
		"reload":                reloadWhenAsked,
		"reload keeps a text":   reloadLater,
		"far behind":            becomeHistory,
	} {
		t.Run(name, func(t *testing.T) {
			p := openTab(t, browser)
			test(startRoom(t), p)
			p.quiet("ERR_CONNECTION", "503", "ws:error", "ERR_INTERNET_DISCONNECTED")
		})
	}
}

// reconnectExactly closes in every way right behind a frame, and before any.
func reconnectExactly(r *room, p *tab) {
	s := r.open(p)
	rev := 340
	for _, code := range []int{websocket.CloseServiceRestart, websocket.CloseGoingAway, websocket.CloseNormalClosure, websocket.CloseInternalServerErr} {
		s.close(code)
		s = r.accept(rev)
		s.send(arrive(row(rev - 299)))
		s.send(arrive(row(rev-298), row(rev-297)))
		s.close(code)
		rev += 3
		s = r.accept(rev)
	}
	s.send(arrive(row(rev - 299)))
	s.conn.Close() // no close frame at all
	r.accept(rev + 1)
	p.until(lastRows("50 51 52 53"))
	p.until(lineSilent)
}

func comeBackFromCache(r *room, p *tab) {
	r.open(p).send(arrive(row(41)))
	p.until(lastRows("40 41"))
	for rev := 341; rev < 343; rev++ {
		p.run(`window.kept = true; location.href = '/elsewhere'`)
		p.until(`!!document.getElementById('else')`)
		p.run(`history.back()`)
		p.until(`window.kept === true`)
		r.accept(rev).send(arrive(row(rev - 299)))
		p.until(`document.getElementById('log').dataset.rev === '` + strconv.Itoa(rev+1) + `'`)
	}
	p.is(lastRows("40 41 42 43"))
	p.is(`document.querySelectorAll('.m').length === 43`)
	if loads := r.loads.Load(); loads != 1 {
		p.t.Errorf("the page was loaded %d times", loads)
	}
}

func endWithSession(r *room, p *tab) {
	r.open(p).close(websocket.ClosePolicyViolation)
	p.until(`document.getElementById('line').textContent === 'You are signed out.' && !document.getElementById('line').hidden`)
	p.run(`dispatchEvent(new Event('offline')); dispatchEvent(new Event('online')); document.dispatchEvent(new Event('visibilitychange'))`)
	p.is(`document.getElementById('app')._htmx.ws.connection === undefined`)
	p.is(`document.getElementById('line').textContent === 'You are signed out.'`)
	if len(r.sockets) > 0 {
		p.t.Error("the page came back")
	}
}

func reconnectOnline(r *room, p *tab) {
	s := r.open(p)
	s.send(arrive(row(41)))
	p.until(lastRows("40 41"))
	p.offline(true)
	p.until(lineLost)
	p.offline(false)
	next := r.accept(341) // the old socket looks open and is not trusted
	p.until(lineSilent)
	next.send(arrive(row(42)))
	p.until(lastRows("40 41 42"))
	p.is(connected)
}

func reconnectWhenShown(r *room, p *tab) {
	s := r.open(p)
	s.send(arrive(row(41)))
	p.until(lastRows("40 41"))
	p.run(`document.dispatchEvent(new Event('visibilitychange'))`)
	p.run(`const now = Date.now; Date.now = () => now() + 301000; document.dispatchEvent(new Event('visibilitychange'))`)
	r.accept(341).send(arrive(row(42)))
	p.until(lastRows("40 41 42"))
	if len(r.sockets) > 0 {
		p.t.Error("the page connected more than once")
	}
}

func sayLost(r *room, p *tab) {
	p.atStart(hurry)
	s := r.open(p)
	p.is(lineSilent)
	r.closed.Store(true)
	s.close(websocket.CloseServiceRestart)
	p.until(lineLost)
	r.closed.Store(false)
	r.accept(340)
	p.until(lineSilent)
}

func reloadWhenAsked(r *room, p *tab) {
	p.do(chromedp.Navigate(r.url + "/rooms/12"))
	p.run(`window.old = true`)
	r.accept(340).send(askToReload)
	r.accept(340)
	p.until(`window.old === undefined && ` + lineSilent)
	if loads := r.loads.Load(); loads != 2 {
		p.t.Errorf("the page was loaded %d times", loads)
	}
}

func reloadLater(r *room, p *tab) {
	s := r.open(p)
	p.keys("half a thought")
	s.send(askToReload)
	p.until(`document.getElementById('line').textContent === 'Away too long. Reload'`)
	s.close(websocket.CloseServiceRestart)
	r.accept(340)
	p.until(connected)
	p.is(`document.getElementById('line').textContent === 'Away too long. Reload'`)
	p.keys("\r")
	r.received().answer <- answer{200, arrive(row(41)) + composer("second", "", "")}
	r.accept(340)
	p.until(lineSilent)
	if loads := r.loads.Load(); loads != 2 {
		p.t.Errorf("the page was loaded %d times", loads)
	}
}

// becomeHistory holds that a page which missed too much goes on as it is, without a hole: what comes now is for the newest.
func becomeHistory(r *room, p *tab) {
	s := r.open(p)
	p.keys("half a thought")
	s.send(`<p id="line" role="status" data-behind hx-swap-oob="true">1,234 messages since you left.` +
		` <a href="/rooms/12/40">Where you were</a> <a href="/rooms/12">Newest</a></p>`)
	p.until(jumpOn)
	s.send(arrive(row(1300)))
	p.until(`document.getElementById('newest').textContent === '1 new message'`)
	p.is(lastRows("39 40"))
	s.close(websocket.CloseServiceRestart)
	r.accept(1600)
	p.until(connected)
	p.is(`document.getElementById('line').textContent.startsWith('1,234 messages since you left.')`)
	p.is(typed("half a thought"))
	p.keys("\r")
	post := r.received()
	if post.prefer != "" {
		r.t.Errorf("the page preferred %q, and has no place for its message", post.prefer)
	}
	post.answer <- answer{200, arrive(row(1301)) + composer("second", "", "")}
	r.accept(340)
	p.until(`!!document.getElementById('tail') && ` + lineSilent)
	if loads := r.loads.Load(); loads != 2 {
		p.t.Errorf("the page was loaded %d times", loads)
	}
}

// offline takes the network away from the page's requests, and tells it so. Sockets that are open do not notice.
func (p *tab) offline(off bool) {
	p.t.Helper()
	conditions := []*network.Conditions{{DownloadThroughput: -1, UploadThroughput: -1, Offline: off}}
	rule := network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: conditions}
	if _, err := chromedp.Call(p.ctx, network.EmulateNetworkConditionsByRule, rule); err != nil {
		p.t.Fatal(err)
	}
	state := network.OverrideNetworkStateParams{Offline: off, DownloadThroughput: -1, UploadThroughput: -1}
	if _, err := chromedp.Call(p.ctx, network.OverrideNetworkState, state); err != nil {
		p.t.Fatal(err)
	}
}

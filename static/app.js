// What HTML, CSS and htmx cannot do for a room: keep the live log quick and complete, say when the connection is lost, and
// lose nothing that somebody typed (composer.js, edit.js; one closure holds all three). Without this script the page is links
// and forms, and works. Sentences and addresses come from data- attributes: only the server speaks. In the bundle this stands
// before hx-upsert, because `tail` has to be asked first.

const find = (id) => document.getElementById(id);
const on = (name, listener) => document.addEventListener(name, listener);

// Nothing of htmx's own history, and no waiting before a swap. The socket stays open in the background; code 1000 is how
// hx-ws itself closes a page that goes into the back/forward cache.
Object.assign(htmx.config, {
  history: false, defaultSettleDelay: 0,
  ws: {pauseOnBackground: false, reconnectCodes: [1000, 1001, 1005, 1006, 1011, 1012, 1013, 1014]},
});

// The log ------------------------------------------------------------------------------------------------------------

let away; // the newest row is out of sight; unknown until the first look
let missed = 0; // how many rows arrived since
let newest = 0; // the number of the newest row

// A row's number in its room: 41 for <li id="m41">.
const numberOf = (row) => (row && +row.id.slice(1)) || 0;

// hx-upsert looks for a row's place from the front of the list, which costs a weak device tens of milliseconds in a long
// log. Nearly every row belongs at the end: it is put there; what comes late or again is left to hx-upsert.
htmx.registerExtension('tail', {
  htmx_process_upsert: (template) => {
    for (const row of template.content.children) {
      if (numberOf(row) <= newest) continue;
      newest = numberOf(row);
      if (away) missed++;
    }
    if (missed) drawJump();
  },
  handle_swap: (style, target, fragment) => {
    if (style !== 'upsert' || target.id !== 'tail') return false;
    for (const row of [...fragment.children]) {
      if (numberOf(row) > numberOf(target.lastElementChild) && !find(row.id)) target.append(row);
    }
    return !fragment.childElementCount;
  },
});

// The link to the newest row: says how many are new, is there while they are out of sight.
function drawJump() {
  const jump = find('newest');
  if (!jump) return;
  const {one, many} = jump.dataset;
  jump.dataset.none ??= jump.textContent;
  jump.textContent = missed ? (missed === 1 ? one : many).replace('%d', missed) : jump.dataset.none;
  jump.hidden = !away;
}

// The scroller is column-reverse: at its bottom scrollTop is 0, and it stays there while rows arrive.
function look() {
  const before = away;
  away = !find('tail') || find('scroll').scrollTop < -50;
  if (away === before) return;
  missed = 0;
  drawJump();
}

addEventListener('scroll', (event) => event.target.id === 'scroll' && look(), {capture: true, passive: true});

on('click', (event) => {
  if (!event.target.closest('#newest') || !find('tail') || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  find('scroll').focus({preventScroll: true}); // the link is about to disappear
  find('scroll').scrollTop = 0;
});

// Where there is no scroll anchoring (Safari) a row that arrives would push up what somebody is reading.
let height = 0;
on('htmx:ws:before:message:incoming', () => {
  height = away && find('tail') && getComputedStyle(find('scroll')).overflowAnchor !== 'auto' && find('scroll').scrollHeight;
});
on('htmx:ws:after:message:incoming', () => {
  if (height) find('scroll').scrollTop -= find('scroll').scrollHeight - height;
});

// An answer and the socket come in any order: a row never gives way to an older self. And a page draws its first row with
// day and name, which everybody else may see as the next of a group: it keeps them, until older rows come before it.
on('htmx:before:swap', ({detail: {ctx, tasks}}) => {
  if (isOlder(ctx)) return;
  for (const task of tasks) {
    for (const row of task.fragment.querySelectorAll('.m')) {
      const old = find(row.id);
      if (old?.dataset.rev > +row.dataset.rev) {
        row.remove();
        if (!task.fragment.firstElementChild) task.target = null; // nothing takes its place
      } else if (old) {
        row.prepend(...['.day', '.av', '.by'].map((part) => row.querySelector(part) || old.querySelector(part) || ''));
        if (row.querySelector('.by')) row.classList.remove('c');
      }
    }
  }
});

const isOlder = (ctx) => ctx.target?.id === 'older-link';

// The last rows that changed, by id, as they came: what was read before may come later, with older messages.
const changed = new Map();

on('htmx:after:swap', ({detail: {ctx}}) => {
  if (!isOlder(ctx)) return;
  const late = [...changed].filter(([id, row]) => !row.includes(`data-rev="${find(id)?.dataset.rev}"`));
  htmx.swap({sourceElement: find('log'), swap: 'none', text: late.map(([, row]) => row).join('')});
});

// Times of day are drawn in the community's zone and shown in the reader's; those with their day stay as they are.
const clock = new Intl.DateTimeFormat(document.documentElement.lang || undefined, {
  hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
});

function drawTimes(root) {
  for (const time of root.querySelectorAll?.('time[datetime*=T]') ?? []) {
    if (!time.textContent[5]) time.textContent = clock.format(new Date(time.dateTime));
  }
}

on('htmx:before:settle', (event) => event.detail.newContent.forEach(drawTimes));

// The connection -----------------------------------------------------------------------------------------------------

let live = null; // hx-ws's connection; null without one and when the session has ended
let alive = Date.now(); // the last sign of life: a frame, a connection, somebody looking at the page
let patience = 0; // the timer until a lost connection is worth a sentence

// Says the sentence of that name, or nothing. A line without sentences came from the server and stays.
function say(name) {
  const line = find('line');
  if (!line?.dataset.lost) return;
  line.hidden = !name;
  line.textContent = name ? line.dataset[name] : '';
}

// A page that was away for too long is told how much it missed: what comes now belongs below that, so the page is one of
// history from here on. Or it is asked to load again; not while that would lose a text.
function obeyLine() {
  const {behind, reload} = find('line')?.dataset ?? {};
  if (behind !== undefined) {
    find('tail')?.removeAttribute('id');
    look();
  }
  if (reload !== undefined && !job && !kept && !find('body')?.value) location.reload();
}

// The cursor: after each frame the address of the connection asks for what comes after it, so that a reconnect at any
// moment brings what is missing. Nothing that people write can look like this attribute.
on('htmx:ws:after:message:incoming', ({detail: {connection, message}}) => {
  alive = Date.now();
  const log = find('log');
  if (log) {
    let rev = +log.dataset.rev;
    for (const row of message.data.split(/(?=<li )/)) {
      const [, id, found] = row.match(/id="(m\d+)".*?data-rev="(\d+)"/) ?? [];
      if (!id) continue;
      rev = Math.max(rev, found);
      if (row.includes('hx-swap-oob')) changed.set(id, row.slice(0, row.lastIndexOf('</li>') + 5));
      if (changed.size > 200) changed.delete(changed.keys().next().value);
    }
    log.dataset.rev = rev;
    connection.url = connection.url.replace(/after=\d*/, 'after=' + rev);
  } else { // the room was lost: from now on the socket is only for the person
    connection.url = connection.url.split('?')[0];
  }
  obeyLine();
});

on('htmx:ws:before:connection', (event) => { live = event.detail.connection; });

on('htmx:ws:after:connection', (event) => {
  clearTimeout(event.detail.connection.timer); // hx-ws forgets one it needs no more, and would connect again
  clearTimeout(patience);
  patience = 0;
  alive = Date.now();
  say();
});

on('htmx:ws:close', ({detail: {connection, code}}) => {
  if (code === 1008) { // the session has ended; hx-ws does not come back from this either
    clearTimeout(patience);
    live = null;
    say('ended');
    return;
  }
  if (code === 1013) connection.attempt = Math.max(connection.attempt, 3); // overloaded: 4 s, not half a second
  patience ||= setTimeout(say, navigator.onLine ? 5000 : 0, 'lost');
});

// hx-ws has no call for this, but it listens to its socket: told that it closed, it opens the next after its delay.
function reconnect() {
  if (!live?.socket) return;
  clearTimeout(live.timer);
  live.attempt = 0;
  const {reconnectDelay} = live.config;
  live.config.reconnectDelay = 0;
  live.socket.dispatchEvent(new CloseEvent('close', {code: 1006}));
  live.config.reconnectDelay = reconnectDelay;
}

// A page that comes back to the front, or from the back/forward cache, may hold a closed socket, or after five minutes a
// dead one that looks open.
function wake() {
  if (document.hidden) alive = Date.now();
  else if (live?.socket?.readyState > WebSocket.OPEN || Date.now() - alive > 300000) reconnect();
}

on('visibilitychange', wake);
addEventListener('online', reconnect);
addEventListener('offline', () => live && say('lost'));

// A permalink opens at its message; the style sheet can say so to some browsers, and to those without a script.
find(find('log')?.dataset.at)?.scrollIntoView({block: 'center'});

newest = numberOf(find('tail')?.lastElementChild);
look();
drawTimes(document);

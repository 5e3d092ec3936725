// What HTML, CSS and htmx cannot do for a room: keep the live log quick and complete, say when the connection is lost, and
// lose nothing that somebody typed. Without this script the page is links and forms, and works. Sentences come from data-
// attributes: only the server speaks. In the bundle this stands before hx-upsert, because `tail` has to be asked first.
(() => {
  'use strict';

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

  // A page draws its first row with day and name, which everybody else may see as the next of a group. Where such a row is
  // replaced, it keeps them; not when older rows come before it.
  on('htmx:before:swap', ({detail: {ctx, tasks}}) => {
    if (ctx.sourceElement.id === 'older-link') return;
    for (const {fragment} of tasks) {
      for (const row of fragment.querySelectorAll('.m.c')) {
        const old = find(row.id);
        if (!old?.matches(':not(.c)')) continue;
        row.classList.remove('c');
        row.prepend(...old.querySelectorAll('.day, .av, .by'));
      }
    }
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
    if (reload !== undefined && sent === null && !find('body')?.value) location.reload();
  }

  // The cursor: after each frame the address of the connection asks for what comes after it, so that a reconnect at any
  // moment brings what is missing. Nothing that people write can look like this attribute.
  on('htmx:ws:after:message:incoming', ({detail: {connection, message}}) => {
    alive = Date.now();
    const log = find('log');
    if (log) {
      let rev = +log.dataset.rev;
      for (const [, found] of message.data.matchAll(/data-rev="(\d+)"/g)) rev = Math.max(rev, found);
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

  // The composer -------------------------------------------------------------------------------------------------------

  let sent = null; // the text on its way; null when none is
  let typed = null; // what the box held when the answer came
  let next = null; // the text for which Enter came too early
  let kept = null; // the composer, while the form that changes a message has its place

  const isComposer = (event) => event.detail.ctx.sourceElement.closest('#composer');

  // Gives the box as many rows as its text has, where CSS cannot.
  function grow(box) {
    if (CSS.supports('field-sizing', 'content')) return;
    for (box.rows = 1; box.rows < 10 && box.scrollHeight > box.clientHeight;) box.rows++;
  }

  // Sets the text; the caret keeps its distance from the end.
  function write(box, text) {
    const end = box.value.length - box.selectionEnd;
    if (box.value !== text) {
      box.value = text;
      if (document.activeElement === box) box.setSelectionRange(text.length - end, text.length - end);
    }
    grow(box);
  }

  const submit = ({form}) => (form.requestSubmit ? form.requestSubmit() : form.querySelector('button').click());

  on('input', (event) => event.target.id === 'body' && grow(event.target));

  // Enter sends. While an input method composes, it picks a word instead (Safari says so only by 229); on a touch keyboard
  // it is the only way to a new line.
  on('keydown', (event) => {
    const {target, key} = event;
    if (key === 'Escape' && kept && target.closest('#composer')) putBack();
    if (target.id !== 'body' || target.readOnly || event.isComposing || event.keyCode === 229) return;
    const last = key === 'ArrowUp' && !kept && !target.value && [...document.querySelectorAll(own())].pop();
    if (last) {
      event.preventDefault();
      edit(editPath(last));
    }
    if (key !== 'Enter' || event.shiftKey) return;
    if (matchMedia('(pointer: coarse)').matches && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    submit(target);
  });

  // One message at a time: the answer brings the key of the next. The text leaves the box at once.
  on('htmx:config:request', (event) => {
    if (!isComposer(event)) return;
    const box = find('body'), {request} = event.detail.ctx;
    request.timeout = 30000;
    find('body-error').textContent = '';
    if (kept) return;
    if (sent !== null || !box.value.trim()) {
      next = box.value;
      event.preventDefault();
      return;
    }
    sent = box.value;
    if (find('tail') && live?.socket?.readyState === WebSocket.OPEN) request.headers.Prefer = 'return=minimal'; // the socket brings it
    request.keepalive = sent.length < 10000; // arrives even if the page is left now; browsers allow 64 KiB
    write(box, '');
    box.focus();
  });

  // Nobody reads these.
  on('htmx:before:request', ({detail: {ctx}}) => {
    for (const name of ['Current-URL', 'Source', 'Target', 'Request-Type']) delete ctx.request.headers['HX-' + name];
  });

  // An answer without what it should hold is somebody else's: a proxy's page, a network's sign-in. It is not swapped in.
  on('htmx:after:request', (event) => {
    const {text, hx, response, target} = event.detail.ctx;
    const fits = isComposer(event) ? /id="(body|key|m\d+)"/.test(text) : response.status < 500 && (sent === null || target.id !== 'composer');
    if (!hx.retarget && (!fits || /^\s*<(!doctype|html)/i.test(text))) event.preventDefault();
  });

  on('htmx:before:swap', (event) => { if (sent !== null && isComposer(event)) typed = find('body').value; });

  // Runs after every answer and after none. What was not accepted goes back, in front of what was typed meanwhile.
  on('htmx:finally:request', (event) => {
    const box = find('body');
    if (!isComposer(event) || !box) return;
    const {status, response} = event.detail.ctx, now = typed ?? box.value;
    const accepted = status === 'swapped' && response.status < 400;
    if (!accepted) find('body-error').textContent ||= box.dataset[response?.status >= 500 ? 'busy' : 'failed'];
    if (kept) {
      if (accepted) putBack();
      return;
    }
    const again = accepted && now.trim() && now === next;
    write(box, accepted ? now : now ? sent + '\n' + now : sent);
    sent = typed = next = null;
    const {seq} = box.form.elements.key.dataset;
    if (accepted && seq) setTimeout(() => find('m' + seq) || reconnect(), 5000); // the socket only looked open
    if (!accepted) {
      find('username')?.focus(); // the session has ended, and the form that signs in has the composer's place
      return;
    }
    if (find('tail')) find('scroll').scrollTop = 0;
    else if (!box.value) location.href = find('newest').href;
    if (again) submit(box);
    obeyLine();
  });

  // Changing a message --------------------------------------------------------------------------------------------------

  // The form comes in the composer's place. The composer waits as it is: with a text half written, and the key of a send
  // that may have arrived without an answer.
  async function edit(address) {
    const composer = find('composer');
    if (kept || sent !== null) return;
    await htmx.ajax('GET', address, {target: composer, swap: 'outerHTML'});
    if (!find('cancel')) return; // refused: that stands beside the box
    kept = composer;
    goOn();
  }

  function putBack() {
    find('composer').replaceWith(kept);
    htmx.process(kept, true);
    kept = null;
    goOn();
  }

  // Puts the caret behind what the box holds.
  function goOn() {
    const box = find('body');
    box.focus();
    box.setSelectionRange(1e6, 1e6);
    grow(box);
  }

  const editPath = (row) => row.querySelector('.at').href + '/edit';
  const own = () => `.m[data-by="${find('composer')?.dataset.me}"]:not(.gone)`;

  // One link for all rows goes to the own one that somebody points at, or whose time has the focus.
  const pen = document.createElement('a');
  pen.className = 'pen';

  function offer({target}) {
    if (pen === document.activeElement) return;
    const row = target.closest?.(own());
    if (!row) pen.remove();
    else if (row !== pen.parentNode) {
      pen.textContent = find('composer').dataset.pen;
      pen.href = editPath(row);
      row.append(pen);
    }
  }

  on('mouseover', offer);
  on('focusin', offer);

  on('click', (event) => {
    if (event.target.id === 'cancel') putBack();
    if (!event.target.matches('.pen') || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    edit(event.target.href);
  });

  // A permalink opens at its message; the style sheet can say so to some browsers, and to those without a script.
  find('m' + location.pathname.match(/^\/rooms\/\d+\/(\d+)$/)?.[1])?.scrollIntoView({block: 'center'});

  newest = numberOf(find('tail')?.lastElementChild);
  look();
  drawTimes(document);
})();

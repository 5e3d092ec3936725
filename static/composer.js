// Where a message is written: what is typed is sent once, or stays.

let job = null; // the request on its way, to send or to change a message; null when none is
let sent = ''; // the text to send
let typed = null; // what the box held when the answer came
let next = null; // the text for which Enter came too early
let kept = null; // the composer, while the form that changes a message has its place

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
  if (key === 'Escape' && kept && !event.isComposing && target.closest('#composer')) putBack();
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

// One message at a time: the answer brings the key of the next. The text leaves the box at once; that of a message that is
// changed stays, as it is, until it is saved.
on('htmx:config:request', (event) => {
  const {ctx} = event.detail, {request} = ctx, box = find('body');
  if (!ctx.sourceElement.closest('#composer')) return;
  if (job || !kept && !box.value.trim()) {
    next = box.value;
    event.preventDefault();
    return;
  }
  job = ctx;
  request.timeout = 30000;
  find('body-error').textContent = '';
  if (kept) {
    box.readOnly = true;
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
  const {ctx} = event.detail, {text, hx, response, target} = ctx;
  const fits = ctx === job ? /id="(body|key|m\d+)"/.test(text) : response.status < 500 && (!job || target.id !== 'composer');
  if (ctx === job) typed = find('body')?.value;
  if (!hx.retarget && (!fits || /^\s*<(!doctype|html)/i.test(text))) event.preventDefault();
});

// Runs after every answer and after none. What was not accepted goes back, in front of what was typed meanwhile.
on('htmx:finally:request', ({detail: {ctx}}) => {
  if (ctx !== job) return;
  job = null;
  const box = find('body');
  if (!box) return; // the room was lost
  const {status, response} = ctx, now = typed ?? box.value;
  const accepted = status === 'swapped' && response.status < 400;
  const again = accepted && now.trim() && now === next;
  typed = next = null;
  if (!accepted && (response || status !== 'issuing')) { // but for a deletion that was not confirmed
    find('body-error').textContent ||= box.dataset[response?.status >= 500 ? 'busy' : 'failed'];
  }
  if (kept) {
    box.readOnly = false;
    if (accepted) putBack();
    return;
  }
  write(box, accepted ? now : now ? sent + '\n' + now : sent);
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

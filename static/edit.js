// Changing a message, in the composer's place.

// The composer waits as it is: with a text half written, and the key of a send that may have arrived without an answer.
async function edit(address) {
  const composer = find('composer');
  if (kept || job) return;
  await htmx.ajax('GET', address, {target: composer, swap: 'outerHTML'});
  if (!find('cancel')) return; // refused: that stands beside the box
  kept = composer;
  goOn();
}

// Not while a change is on its way, which may come back refused.
function putBack() {
  if (job) return;
  find('composer').replaceWith(kept);
  htmx.process(kept, true);
  kept = null;
  goOn();
  obeyLine();
}

// Puts the caret behind what the box holds.
function goOn() {
  const box = find('body');
  box.focus();
  box.setSelectionRange(1e6, 1e6);
  grow(box);
}

const editPath = (row) => find('composer').dataset.edit.replace('%d', numberOf(row));
const own = () => `.m[data-by="${find('composer')?.dataset.me}"]:not(.gone)`;

// One link for all rows goes to the own one that somebody points at, or whose time has the focus.
const pen = document.createElement('a');
pen.className = 'pen';

function offer({target}) {
  if (pen === document.activeElement) return;
  const row = target.closest(own());
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

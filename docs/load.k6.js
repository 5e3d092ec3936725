// People with a page open, some of whom write, by k6 (https://k6.io). How to run it: docs/load.md.
//
//   k6 run -e URL=http://127.0.0.1:8080 -e PEOPLE=people.txt docs/load.k6.js
//
// PEOPLE is what `chinwag loadtest seed` printed: name, session cookie and rooms, a person a line. One virtual user is one
// person: they load their first room, open its socket, and for SECONDS (30) watch it. The first WRITERS (5) of them say
// something every EVERY (1) seconds. Nobody else may write in the room meanwhile.
import {check, fail} from 'k6';
import {SharedArray} from 'k6/data';
import exec from 'k6/execution';
import http from 'k6/http';
import {Counter, Trend} from 'k6/metrics';
import ws from 'k6/ws';

const url = (__ENV.URL || 'http://127.0.0.1:8080').replace(/\/$/, '');
const seconds = +(__ENV.SECONDS || 30);
const every = +(__ENV.EVERY || 1);
const writers = +(__ENV.WRITERS || 5);

const people = new SharedArray('people', () => {
  const path = __ENV.PEOPLE || 'people.txt';
  return open(path.startsWith('/') ? path : `${__ENV.PWD || '.'}/${path}`).trim().split('\n').map((line) => {
    const [name, cookie, rooms] = line.split('\t');
    return {name, cookie, room: +rooms.split(',')[0]};
  });
});

const shown = new Trend('send_to_screen', true); // from leaving a writer to standing on a screen
const deliveries = new Counter('deliveries');
const lost = new Counter('lost');
const doubled = new Counter('doubled');
const reloads = new Counter('told_to_reload');

export const options = {
  scenarios: {pages: {executor: 'per-vu-iterations', vus: people.length, iterations: 1, maxDuration: `${seconds + 120}s`}},
  thresholds: {lost: ['count==0'], doubled: ['count==0'], checks: ['rate==1']},
};

const find = (text, pattern) => (text.match(pattern) || [])[1];

export default function () {
  const me = exec.vu.idInTest - 1;
  const {cookie, room} = people[me];
  const headers = {Cookie: `sid=${cookie}`, Origin: url};

  const page = http.get(`${url}/rooms/${room}`, {headers, redirects: 0, tags: {name: 'room'}});
  if (!check(page, {'the room is shown': (r) => r.status === 200})) fail(`room ${room}: ${page.status}`);
  const csrf = find(page.body, / name="csrf" value="([^"]+)"/);
  let key = find(page.body, / name="key" value="([^"]+)"/);
  const rev = find(page.body, / id="log"[^>]* data-rev="(\d+)"/);
  let newest = Math.max(0, ...[...page.body.matchAll(/ id="m(\d+)"/g)].map((row) => +row[1]));

  // A message says when it was sent. Its number in the room has to follow on the last one.
  const show = (frame) => {
    if (/ data-(reload|behind)/.test(frame)) reloads.add(1);
    for (const [, number, text] of frame.matchAll(/ id="m(\d+)"(.*?)<\/li>/gs)) {
      deliveries.add(1);
      if (+number > newest + 1) lost.add(+number - newest - 1);
      if (+number <= newest) doubled.add(1);
      newest = Math.max(newest, +number);
      const sent = find(text, /sent at (\d+)/);
      if (sent) shown.add(Date.now() - sent);
    }
  };

  const say = () => {
    const body = {csrf, key, body: `sent at ${Date.now()}: somebody please fetch the parcel before five`};
    const answer = http.post(`${url}/rooms/${room}/messages`, body, {
      headers: {...headers, 'HX-Request': 'true', Prefer: 'return=minimal'}, tags: {name: 'send'},
    });
    if (check(answer, {'the send is acknowledged': (r) => r.status === 200})) key = find(answer.body, / name="key" value="([^"]+)"/) || key;
  };

  const until = Date.now() + seconds * 1000;
  const socket = ws.connect(`${url.replace(/^http/, 'ws')}/live?room=${room}&after=${rev}`, {headers}, (s) => {
    s.on('message', show);
    s.on('error', (e) => console.error(`socket: ${e.error()}`));
    // Everybody is given a moment to come, and at the end what is on its way a moment to arrive.
    if (me < writers) s.setTimeout(() => s.setInterval(() => Date.now() < until - 2000 && say(), every * 1000), 2000 + (me * every * 1000) / writers);
    s.setTimeout(() => s.close(), seconds * 1000);
  });
  check(socket, {'the socket is opened': (r) => r && r.status === 101});
}

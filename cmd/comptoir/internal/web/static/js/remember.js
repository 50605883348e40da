// The memory of this browser: of each command that the till has acknowledged, a copy under the till's own seal, for two
// days. A machine that was restored from a copy of its data is behind by a moment: it has another epoch, and is given
// back what this browser remembers. Nothing here is ever shown, and nothing in it can be read or made by a page.

const days = 48 * 3600e3, most = 5000; // ms, copies
const atOnce = 50, waitFor = 120e3; // copies sent at once; ms in which another till may give back what ours follow
const pauses = [2000, 4000, 8000, 15000, 30000];
const longest = 1000; // ms that a page waits for its memory
const moment = 500; // ms, after which whoever sells here is told that something is given back
const epoch = document.documentElement.dataset.epoch;

let opened, nth = 0;
const done = (request) => new Promise((yes, no) => { request.onsuccess = () => yes(request.result); request.onerror = () => no(request.error); });

function database() {
  opened ??= new Promise((yes, no) => {
    const request = indexedDB.open("comptoir", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("copies", { keyPath: "id" }).createIndex("at", "at");
    request.onsuccess = () => yes(request.result);
    request.onerror = () => no(request.error);
  });
  return opened;
}

async function store(mode = "readonly") { return (await database()).transaction("copies", mode).objectStore("copies"); }

// keep remembers what an answer carries, and returns once it is kept: a page that is left before that takes its unfinished
// transactions with it. A device whose disk takes longer than longest holds up nobody.
export function keep(id, answer) { return Promise.race([remember(id, answer), new Promise((over) => setTimeout(over, longest))]); }

// remember writes it down. The time is the till's, whatever this device believes.
async function remember(id, answer) {
  const copy = answer.headers.get("X-Comptoir-Copy");
  if (!copy || !id) return;
  const now = Date.parse(answer.headers.get("Date")) || Date.now();
  try {
    const copies = await store("readwrite");
    const kept = new Promise((yes, no) => { copies.transaction.oncomplete = yes; copies.transaction.onabort = no; });
    copies.put({ id, copy, epoch, at: now + (nth % 1000) });
    if (nth++ % 50 === 0) forget(copies, now);
    await kept;
  } catch { /* a browser that keeps nothing: the other copies remain */ }
  if (nth === 1) navigator.storage?.persist?.();
}

async function forget(copies, now) {
  const old = (range) => { copies.index("at").openCursor(range).onsuccess = ({ target: { result } }) => { if (result) { result.delete(); result.continue(); } }; };
  old(IDBKeyRange.upperBound(now - days));
  let over = await done(copies.count()) - most;
  copies.index("at").openCursor().onsuccess = ({ target: { result } }) => { if (result && over-- > 0) { result.delete(); result.continue(); } };
}

// giveBack sends what was acknowledged by a machine before this one, oldest first, until the till has said of each what
// came of it. What is refused for now may follow what another till remembers: it is sent again, and at last for good.
async function giveBack(tries = 0) {
  const mine = (await done((await store()).index("at").getAll())).filter((one) => one.epoch !== epoch);
  if (!mine.length) return working(false);
  working(true);
  const late = (one) => one.since && Date.now() - one.since > waitFor;
  let waits = false;
  for (let i = 0; i < mine.length; i += atOnce) {
    const some = mine.slice(i, i + atOnce);
    for (const last of [false, true]) {
      const sent = some.filter((one) => Boolean(late(one)) === last);
      if (sent.length && !await give(sent, last)) waits = true;
    }
  }
  if (!waits) return working(false);
  setTimeout(() => giveBack(tries + 1).catch(() => working(false)), pauses[Math.min(tries, pauses.length - 1)]);
}

// working says on the till that this device is giving back what it remembers, until it has.
let soon = 0;
function working(on) {
  const place = document.getElementById("resending");
  if (!place) return;
  place.setAttribute("aria-busy", on);
  clearTimeout(soon);
  if (on) soon = setTimeout(() => { place.textContent = place.dataset.says; }, moment);
  else place.textContent = "";
}

// give sends some, and reports whether the till has settled all of them.
async function give(sent, last) {
  const answer = await fetch("/till/resend", {
    method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ last, copies: sent.map(({ id, copy }) => ({ id, copy })) }),
  }).catch(() => null);
  if (!answer?.ok) return answer?.status === 401 || answer?.status === 403; // whoever signs in next sends them
  const { known, done: again, refused, later, says } = await answer.json();
  const copies = await store("readwrite");
  const settled = new Set([...known, ...again]), gone = new Set(refused), waits = new Set(later);
  for (const one of sent) {
    if (settled.has(one.id)) copies.put({ ...one, epoch, since: undefined });
    if (gone.has(one.id)) copies.delete(one.id);
    if (waits.has(one.id)) copies.put({ ...one, since: one.since ?? Date.now() });
  }
  if (says) say(says, refused.length > 0);
  return settled.size + gone.size === sent.length;
}

// say tells what came of it: calmly, unless something is left for a person to do.
function say(words, trouble) {
  const place = document.getElementById("resent");
  if (!place) return;
  place.hidden = false;
  if (trouble) place.classList.remove("calm");
  const line = place.querySelector("span") ?? place;
  line.textContent = line.textContent ? `${line.textContent} ${words}` : words;
}

// tell fills in how many there are, on the page of this device.
async function tell(place) {
  place.querySelector("b").textContent = await done((await store()).count());
  place.hidden = false;
}

if (epoch) {
  const place = document.querySelector("[data-copies]");
  if (place) tell(place).catch(() => {});
  if (document.body.dataset.staff !== undefined || document.getElementById("till")) giveBack().catch(() => working(false));
}

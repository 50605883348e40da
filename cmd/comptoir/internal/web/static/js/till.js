// The till. A tap is painted at once from what the server rendered, then sent; the answer is the truth. No text, no
// sum and no order lives here: words are in the page, amounts and lines come from the server.

import { Queue } from "./queue.js";
import { ask, onScan } from "./scan.js";
import { live } from "./live.js";
import { parts, show } from "./swap.js";
import { play } from "./sound.js";
import { filter, firstTile, matches, shortcuts, walkTiles } from "./keys.js";
import { openCamera, readPhoto } from "./camera.js";
import * as dialogs from "./dialogs.js";

const el = (id) => document.getElementById(id);
const till = el("till"), search = el("search");
const grid = () => el("grid"), root = document.documentElement.dataset;
const onTicket = new Set(["add", "gift", "qty", "remove", "change", "name", "card", "new-card", "send", "print", "discount", "join"]);
const undone = []; // of each of this page's commands on this ticket, what takes it back; newest last
let current = { ...el("cart").dataset };
let category = el("rail").querySelector("[data-show][aria-pressed=true]")?.dataset.show ?? "";

const mode = () => document.querySelector("#mode [aria-pressed=true]").dataset.mode;

const queue = new Queue({
  url: "/till/commands",
  prepare(command) {
    if (command.kind === "undo") {
      const [inverse, ...others] = undone.pop() ?? [];
      if (!inverse) return "drop";
      Object.assign(command, inverse, { undoing: true });
      for (const other of others.toReversed()) queue.next(other, { undoing: true });
    }
    if (command.kind === "mode" && !current.ticket) command.kind = "new";
    if (onTicket.has(command.kind) && !current.ticket && !command.ticket) {
      queue.first("new", { mode: mode() });
      return "again";
    }
    command.ticket ??= current.ticket; // fixed when first sent: a repeat must be the same command
    return "send";
  },
  answered(command, html) {
    dialogs.accepted(command);
    take(parts(html), command);
    if (command.kind === "pay") play("paid");
    if (command.kind === "card" || command.kind === "new-card") play("scan");
  },
  async refused(command, html, status) {
    if (status === 401) return signIn();
    if (command.kind === "new") for (const lost of queue.clear()) dialogs.refused(lost); // what waits has no ticket to go to
    const fresh = parts(html);
    if (!dialogs.refused(command, fresh.find((part) => part.id === "toast"))) show(fresh);
    play("refused");
    await refetchCart();
  },
  changed: waiting,
  troubled(html) {
    const said = html ? parts(html).find((part) => part.dataset.code?.startsWith("data.")) : undefined;
    trouble = said?.querySelector("span")?.textContent ?? "";
  },
});
let trouble = ""; // what the server says of its disk, while it cannot save

// signIn leaves for the sign-in page. The same order comes back after it, and what was not sent is told.
function signIn() {
  const back = new URLSearchParams(current.ticket ? { ticket: current.ticket } : {});
  if (queue.pending) back.set("unsent", queue.pending);
  location.assign(`/login?next=${encodeURIComponent(`/?${back}`)}`);
}

// take shows an answer. The cart itself waits until nothing is pending, so that no painted line vanishes for a while.
function take(fresh, command = {}) {
  const cart = fresh.find((part) => part.id === "cart"), status = fresh.find((part) => part.id === "status");
  if (cart) {
    const next = { ...cart.dataset };
    if (next.leads) return location.assign(next.leads);
    if (turned(next)) return renew(next.ticket);
    if (next.ticket === current.ticket && Number(next.version) < Number(current.version)) return; // an older truth
    // Without an inverse (a repeated command, a ticket another till has changed) what came before must not be undone in its place.
    if (next.ticket !== current.ticket || (command.kind && !command.undoing && !next.undo)) undone.length = 0;
    if (next.undo && command.kind && !command.undoing) undone.push(JSON.parse(next.undo));
    if (current.ticket && next.ticket !== current.ticket) scans.forget();
    if (next.ticket !== current.ticket) for (const line of document.querySelectorAll("#lines > [id]")) line.remove();
    current = next;
    remember();
  }
  const elsewhere = fresh.find((part) => part.id === "toast")?.dataset.undo; // of the shelf or the menu, not of the order
  if (elsewhere && !command.undoing) undone.push(JSON.parse(elsewhere));
  const settled = queue.pending === 0;
  const before = new Map([...document.querySelectorAll("#lines > [id]")].map((line) => [line.id, line.dataset.qty]));
  show(fresh.filter((part) => (settled || (part.id !== "cart" && part.id !== "mode")) && part.id !== "status"));
  if (!settled && command.kind === "pay") note(status.textContent); // the next order is being rung: the change is said beside it
  speak(status);
  if (fresh.some((part) => part.id === "card-told")) tellCard();
  if (fresh.some((part) => part.id === "new-card")) dialogs.openDialog("new-card");
  if (fresh.some((part) => part.id === "grid")) filter(grid(), category, search.value);
  if (settled && cart && command.kind) flash(before);
  waiting(queue.pending, queue.offline);
}

// turned reports that training has begun or ended since the page was opened, or that another machine answers now. What is on its way comes first.
const turned = ({ training, epoch = root.epoch }) => (training !== root.training || epoch !== root.epoch) && queue.pending === 0;

// renew opens the page anew, on the same order: every word of it says whether the till is in training.
function renew(ticket) {
  location.replace(ticket ? `/?ticket=${encodeURIComponent(ticket)}` : "/");
}

// remember keeps where this till is: in its address, for whoever locks it, and for a card scanned on another page.
function remember() {
  const here = current.ticket ? `/?ticket=${encodeURIComponent(current.ticket)}` : "/";
  if (location.pathname + location.search !== here) history.replaceState(null, "", here);
  el("lock-till").elements.next.value = here;
  try { sessionStorage.setItem("ticket", current.ticket); } catch { /* a browser that keeps nothing: a card scanned elsewhere starts a new order */ }
}

function flash(before) {
  for (const line of document.querySelectorAll("#lines > [id]")) {
    if (before.get(line.id) === line.dataset.qty) continue;
    line.classList.add("flash");
    setTimeout(() => line.classList.remove("flash"), 250);
    line.scrollIntoView({ block: "nearest" });
  }
}

let speaking = 0;
function speak(part) {
  if (!part) return;
  clearTimeout(speaking);
  speaking = setTimeout(() => show([part]), 400);
}

// note says something in the toast; empty takes away what it says.
function note(text) {
  const toast = el("toast");
  toast.className = "toast";
  toast.removeAttribute("role");
  toast.replaceChildren();
  if (text) toast.append(Object.assign(document.createElement("span"), { textContent: text }));
}

let telling = 0;
const untell = () => { el("card-told").hidden = true; };
function tellCard() {
  clearTimeout(telling);
  telling = setTimeout(() => (document.querySelector("dialog[open]") ? tellCard() : untell()), 4000); // there is nothing to decide
}

const off = (button, is) => button.setAttribute("aria-disabled", is); // not disabled: the focus would be lost

// waiting says how much is on its way; nothing can be paid until it has arrived.
function waiting(pending, offline) {
  till.classList.toggle("waiting", pending > 0);
  const text = pending === 1 ? till.dataset.pendingOne : till.dataset.pendingOther.replace("#", pending);
  for (const button of document.querySelectorAll("[data-pay]")) off(button, pending > 0 || button.hasAttribute("data-off"));
  off(el("hold"), pending === 0 && el("hold").hasAttribute("data-off"));
  const due = el("pending");
  due.hidden = pending === 0;
  due.textContent = text;
  due.previousElementSibling.hidden = pending > 0;
  const bar = el("offline"), lost = (offline || queue.slow) && pending > 0, why = bar.querySelector("b");
  bar.hidden = !lost;
  bar.classList.toggle("slow", !offline || Boolean(trouble)); // of the disk, not of the network
  why.dataset.offline ??= why.textContent;
  why.textContent = offline ? trouble || why.dataset.offline : why.dataset.slow;
  if (lost) bar.querySelector("span").textContent = queue.sending === "pay" ? till.dataset.paying : text;
  dialogs.waitingFor(lost ? till.dataset.waiting : "");
  off(el("undo"), !(undone.length || pending));
  if (locking && pending === 0) el("lock-till").requestSubmit();
}

// paint draws a tap before the server knows of it: a clone of the server's own template, dashed.
function paint(name, key, given, times) {
  el("paid")?.remove();
  el("blank")?.remove();
  el("cart").classList.remove("done");
  const lines = el("lines");
  lines.hidden = false;
  let line = lines.querySelector(`.pending[data-key="${CSS.escape(key)}"]`);
  if (!line) {
    line = el("pending-line").content.firstElementChild.cloneNode(true);
    line.dataset.key = key;
    line.dataset.times = 0;
    line.classList.toggle("given", given);
    line.querySelector(".what b").textContent = name;
    lines.append(line);
  }
  line.dataset.times = Number(line.dataset.times) + times;
  line.querySelector(".qty span").textContent = `+${line.dataset.times}`;
  line.scrollIntoView({ block: "nearest" });
}

function run(kind, args, source, painted = true) {
  note("");
  untell();
  const rings = kind === "add" || kind === "gift";
  if (rings && painted) paint(source.dataset.name, kind + JSON.stringify({ ...args, qty: 0 }), kind === "gift", args.qty ?? 1);
  queue.add(kind, kind === "serve" ? { ...args, mode: mode(), token: el("by-token").checked } : args, dialogs.sentFrom(source));
}

async function fetchParts(url) {
  const answer = await fetch(url, { headers: { "X-Fragment": "cart", Accept: "text/html" } }).catch(() => null);
  if (answer?.status === 401) signIn();
  if (answer?.status === 409) location.assign("/"); // the shift was closed at another till
  return answer?.ok ? parts(await answer.text()) : [];
}

async function refetchCart() {
  const asked = current.ticket;
  const fresh = await fetchParts(`/till/cart?ticket=${encodeURIComponent(asked)}`);
  if (current.ticket === asked) take(fresh);
}

// get opens a dialog whose inside the server renders when it is asked for.
async function get(what) {
  const [name, query = ""] = what.split("?");
  const fresh = await fetchParts(`/till/sheet/${name}?${query}&ticket=${encodeURIComponent(current.ticket)}`);
  if (!fresh.length) return;
  show(fresh);
  const dialog = dialogs.openDialog(`${name}-sheet`), camera = dialog.querySelector("[data-camera]");
  if (camera && navigator.mediaDevices) [camera.hidden, dialog.querySelector(".photo").hidden] = [false, true];
}

const product = (tile) => get(`product?product=${encodeURIComponent(tile.dataset.product)}`);

function pressed(button) {
  if (button.getAttribute("aria-disabled") === "true") return;
  if (button.hasAttribute("data-close")) return button.closest("dialog").close();
  if (button.closest("dialog[aria-busy=true]")) return;
  if (button.dataset.show !== undefined) return choose(button);
  if (button.hasAttribute("data-look")) return look();
  if (button.matches(".tile") && till.classList.contains("looking")) { look(); return product(button); }
  if (button.dataset.get === "product") return product(button);
  if (button.dataset.get) return get(button.dataset.get);
  if (button.dataset.open) return dialogs.openDialog(button.dataset.open);
  if (button.dataset.number) return dialogs.openNumber(button);
  if (button.dataset.sheet) return dialogs.openSheet(button.dataset.sheet, button.dataset.as, times.take());
  if (button.hasAttribute("data-fold")) return till.classList.toggle("unfolded");
  if (button.hasAttribute("data-untold")) return untell();
  if (button.hasAttribute("data-untoast")) return note("");
  if (button.hasAttribute("data-camera")) return openCamera(button.closest("dialog"), scanned);
  const { kind } = button.dataset;
  if (!kind) return;
  const args = JSON.parse(button.dataset.args || "{}");
  if (button.hasAttribute("data-reason")) return dialogs.openReason(kind, args);
  if (button.matches(".tile")) { const qty = times.take(); if (qty > 1) args.qty = qty; }
  run(kind, args, button);
}

function choose(button) {
  category = button.dataset.show;
  for (const other of el("rail").querySelectorAll("[data-show]")) other.setAttribute("aria-pressed", other === button);
  search.value = "";
  filter(grid(), category, "");
  grid().scrollTop = 0;
}

// look makes the next tile that is tapped open its details instead of being rung: what holding a tile does, for
// whoever cannot hold.
function look() {
  const on = till.classList.toggle("looking");
  el("look").setAttribute("aria-pressed", on);
  note(on ? till.dataset.look : "");
}

// Forms of the dialogs: their fields are the arguments.
function submitted(event) {
  if (event.target.id === "lock-till") {
    if (queue.pending) { event.preventDefault(); locking = true; } // what is on its way is this person's
    return;
  }
  const form = event.target.closest("form[data-kind]");
  if (!form) return;
  event.preventDefault();
  if (form.closest("dialog").getAttribute("aria-busy") === "true") return;
  const command = dialogs.read(form);
  if (command) run(command.kind, command.args, form, form.checkValidity());
}

let locking = false;

// Holding a tile, or the heart, for 400 ms opens what there is to say of it.
let held = 0, wasHeld = false;
function hold(event) {
  clearTimeout(held);
  wasHeld = false;
  const on = event.target.closest(".tile, [data-hold]");
  if (!on) return;
  held = setTimeout(() => {
    wasHeld = true;
    if (on.dataset.hold) dialogs.openDialog(on.dataset.hold);
    else product(on);
  }, 400);
}

document.addEventListener("pointerdown", hold);
for (const end of ["pointerup", "pointercancel", "pointerleave"]) document.addEventListener(end, () => clearTimeout(held));
document.addEventListener("contextmenu", (event) => {
  const tile = event.target.closest(".tile");
  if (!tile) return;
  event.preventDefault();
  clearTimeout(held);
  if (!wasHeld && event.pointerType !== "touch") product(tile); // the second button, or the menu key
});
document.addEventListener("click", (event) => {
  if (wasHeld) { wasHeld = false; return; }
  const choice = event.detail > 0 && event.target.closest("[data-auto] input[type=radio], [data-advance] input[type=radio]");
  if (choice) dialogs.advance(choice);
  const target = event.target.closest("button, a[aria-disabled]");
  if (event.target.closest("#paid-next[href='/']")) { event.preventDefault(); refetchCart(); }
  if (target?.matches("a[aria-disabled=true]")) event.preventDefault();
  else if (target?.matches("button")) pressed(target);
});
document.addEventListener("submit", submitted);
document.addEventListener("input", ({ target }) => {
  if (target === search) filter(grid(), category, search.value);
  if (target.id === "held-search") narrowHeld(target.value);
});
document.addEventListener("change", async ({ target }) => {
  if (!target.matches("[data-photo]") || !target.files.length) return;
  await readPhoto(target, scanned);
});

function narrowHeld(words) {
  for (const item of el("held").children) item.hidden = !matches(item.querySelector(".what b")?.textContent ?? "", words);
}

const clear = () => { search.value = ""; filter(grid(), category, ""); };
search.addEventListener("keydown", (event) => {
  if (event.key === "Escape") { clear(); search.blur(); }
  if (event.key === "ArrowDown") { event.preventDefault(); firstTile(grid())?.focus(); }
  if (event.key !== "Enter" || !search.value.trim()) return;
  event.preventDefault();
  const typed = search.value.replace(/\s/g, "");
  if (/^(\d{9}|FID\w{17})$/i.test(typed)) run("card", { code: typed }, search);
  else if (firstTile(grid())) pressed(firstTile(grid()));
  else return;
  clear();
});

const times = shortcuts({
  badge: el("times"),
  search: () => search.focus(),
  undo: () => run("undo", {}),
  category: (n) => el("rail").querySelectorAll("[data-show]")[n]?.click(),
  pay: () => el("pay").click(),
  leave: () => { if (till.classList.contains("looking")) look(); till.classList.remove("unfolded"); },
});

// scanned: a card and goods go to the order, whatever has the focus; a receipt opens its sale, by a form, for its code belongs
// into no address. While an order is being paid, what is scanned may be meant for it, and would come to the next one.
let typed = ""; // the quantity that was typed before the scan
function scanned({ kind, code }, send) {
  if (kind === "receipt") return send();
  const tile = kind === "goods" && grid().querySelector(`.tile[data-barcode="${code}"]`);
  if (kind === "unknown" || kind === "goods" && !tile) { note(till.dataset.unscanned); return play("refused"); }
  const go = () => {
    if (tile) return pressed(tile);
    times.take();
    el("card-sheet").close(); // any other dialog stays, with what is typed in it
    run("card", { code });
  };
  if (queue.sending === "pay") ask("next", go);
  else go();
}
const scans = onScan((scan, send) => { times.put(typed); scanned(scan, send); }, () => { typed = times.peek(); });

// Live: other tills, the kitchen and the shelf. Hints of one moment are answered once.
const wanted = new Map();
function refresh(key, fetchIt) {
  clearTimeout(wanted.get(key));
  wanted.set(key, setTimeout(fetchIt, 120));
}
const load = (url) => async () => {
  show(await fetchParts(`${url}?ticket=${encodeURIComponent(current.ticket)}`));
  if (turned(el("chips").dataset)) return renew(current.ticket);
  filter(grid(), category, search.value);
  waiting(queue.pending, queue.offline);
};
const chips = async () => {
  await load("/till/chips")();
  if (!el("held-sheet").open || queue.pending > 0) return;
  show(await fetchParts(`/till/sheet/held?ticket=${encodeURIComponent(current.ticket)}`));
  narrowHeld(el("held-search")?.value ?? "");
};
const idleCart = () => { if (current.ticket && queue.pending === 0) refetchCart(); };
const topics = { menu: ["grid", load("/till/grid")], tickets: ["chips", chips], shelf: ["chips", chips], shift: ["chips", chips], training: ["chips", chips] };
live("/api/v1/events", (topic) => {
  if (topics[topic]) refresh(...topics[topic]);
  if (topic === `ticket:${current.ticket}`) refresh("cart", idleCart);
}, () => { refresh(...topics.tickets); if (current.ticket) refresh("cart", idleCart); });

walkTiles(till);
filter(grid(), category, search.value);
remember();
if (!el("card-told").hidden) tellCard();
waiting(0, false);
till.classList.add("ready");

// The kitchen's screen. What waits comes rendered from the server; a tap is painted at once, then sent, and the answer is
// the truth. Minutes and words are the server's: the page asks again, for hints may be lost and time passes by itself.

import { Queue, newId } from "./queue.js";
import { live } from "./live.js";
import { parts, show } from "./swap.js";
import { play } from "./sound.js";

const every = 15000; // ms between two looks at the clock; also how long a broken stream can go unnoticed
const takeBack = 10000; // ms in which what has left can be taken back
const el = (id) => document.getElementById(id);
const orders = () => el("orders");

let station = document.querySelector("#tabs [aria-current]")?.dataset.station ?? "";
let asked = 0, shown = 0; // questions in the order they were asked: an older answer never covers a newer one
let known = new Set(el("tabs").dataset.known.split(" "));

const queue = new Queue({
  url: "/kitchen/commands",
  prepare: () => "send",
  answered: (command, html) => take(parts(html), ++asked),
  async refused(command, html, status) {
    if (status === 401) return location.assign("/login?next=/kitchen");
    play("refused");
    await refresh();
  },
  changed: (pending, offline) => { el("offline").hidden = !offline; },
});

// take puts an answer on the screen, unless something newer is there already, or taps are on their way.
function take(fresh, turn) {
  if (turn < shown) return;
  if (queue.pending > 0) {
    show(fresh.filter((part) => part.id === "toast"));
    return fade();
  }
  shown = turn;
  el("offline").hidden = true;
  const tabs = fresh.find((part) => part.id === "tabs");
  if (tabs && !tabs.children.length) return location.reload(); // the till has said that there is no screen
  const at = place();
  show(fresh);
  stay(at);
  if (fresh.some((part) => part.id === "toast")) fade();
  if (tabs) announce(tabs.dataset.known.split(" "));
  acknowledge();
}

async function refresh() {
  const turn = ++asked;
  const answer = await fetch(`/kitchen/orders?station=${encodeURIComponent(station)}`, { headers: { "X-Fragment": "kitchen", Accept: "text/html" } }).catch(() => null);
  if (answer?.status === 401) return location.assign("/login?next=/kitchen");
  if (!answer?.ok) return (el("offline").hidden = false);
  const fresh = parts(await answer.text());
  if (queue.pending === 0) take(fresh, turn);
}

// announce sounds for an order, or a change of one, that this page did not know.
function announce(now) {
  if (now.some((order) => order && !known.has(order))) play("order");
  known = new Set([...known, ...now]);
}

// acknowledge tells the till what was really shown: a page that nobody can see has shown nothing.
let telling = false;
async function acknowledge() {
  const fresh = [...document.querySelectorAll("#orders [data-fresh]")];
  if (telling || !fresh.length || document.visibilityState !== "visible") return;
  telling = true;
  const seen = fresh.map(({ dataset }) => ({ order: dataset.order, rev: Number(dataset.rev) }));
  await fetch("/kitchen/ack", {
    method: "POST", body: JSON.stringify({ station, orders: seen }),
    headers: { "Content-Type": "application/json", "Idempotency-Key": newId(), "X-Fragment": "kitchen", Accept: "text/html" },
  }).catch(() => null); // what was not told is told with the next look
  telling = false;
}

// place is where the focus is, so that a card that leaves hands it to the next one.
function place() {
  const card = document.activeElement?.closest(".order");
  return card ? [...orders().children].indexOf(card) : -1;
}

function stay(at) {
  if (at < 0 || document.activeElement !== document.body) return;
  const cards = orders().querySelectorAll(".order");
  cards[Math.min(at, cards.length - 1)]?.querySelector(".make, .ready").focus();
}

let fading = 0;
function fade() {
  clearTimeout(fading);
  fading = setTimeout(() => el("toast").replaceChildren(), takeBack);
}

function run(button) {
  const { kind } = button.dataset, args = { ...JSON.parse(button.dataset.args), station };
  if (kind === "line") {
    button.classList.toggle("made", args.done);
    button.classList.add("sending");
    if (button.hasAttribute("aria-pressed")) button.setAttribute("aria-pressed", args.done);
  }
  if (kind === "ready") button.closest(".order").classList.add("sending");
  button.closest("dialog")?.close();
  if (kind === "recall") el("toast").replaceChildren();
  queue.add(kind, args);
}

async function recall() {
  const answer = await fetch(`/kitchen/done?station=${encodeURIComponent(station)}`, { headers: { "X-Fragment": "kitchen", Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return (el("offline").hidden = false);
  show(parts(await answer.text()));
  el("recall-sheet").showModal();
}

function look(link) {
  ({ station } = link.dataset);
  for (const tab of document.querySelectorAll("#tabs a")) tab === link ? tab.setAttribute("aria-current", "page") : tab.removeAttribute("aria-current");
  history.replaceState(null, "", link.href);
  refresh();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("#tabs a");
  if (link) {
    event.preventDefault();
    return look(link);
  }
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.kind) return run(button);
  if (button.dataset.open) return el(button.dataset.open).showModal();
  if (button.hasAttribute("data-recall")) return recall();
  if (button.hasAttribute("data-close")) button.closest("dialog").close();
});

// Arrows walk: up and down inside a card, left and right from card to card. Enter is the button's own.
document.addEventListener("keydown", (event) => {
  const step = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step || document.querySelector("dialog[open]") || event.target.closest("#tabs, #todo")) return;
  const card = document.activeElement?.closest(".order") ?? null;
  const cards = [...orders().querySelectorAll(".order")];
  if (!cards.length) return;
  event.preventDefault();
  const buttons = card ? [...card.querySelectorAll("button")] : [];
  const at = buttons.indexOf(document.activeElement);
  if (!card) return cards[0].querySelector("button").focus();
  if (event.key === "ArrowUp" || event.key === "ArrowDown") return buttons[at + step]?.focus();
  const next = cards[cards.indexOf(card) + step];
  const there = next && [...next.querySelectorAll("button")];
  there?.[at === buttons.length - 1 ? there.length - 1 : Math.min(at, there.length - 1)].focus();
});

// A browser is silent until it was touched once.
const silent = () => Boolean(globalThis.AudioContext) && !navigator.userActivation?.hasBeenActive;
el("sound").hidden = !silent();
for (const touch of ["pointerup", "keyup"]) {
  addEventListener(touch, () => { if (!el("sound").hidden && !silent()) { el("sound").hidden = true; play("order"); } });
}

// The screen stays on where the browser can keep it on.
async function stayOn() {
  if (document.visibilityState === "visible") await navigator.wakeLock?.request("screen").catch(() => null);
}
document.addEventListener("visibilitychange", () => { stayOn(); if (document.visibilityState === "visible") refresh(); });

let soon = 0;
live("/api/v1/events", (topic) => {
  if (topic === "training") return location.reload();
  if (topic !== "kitchen" && topic !== "settings") return;
  clearTimeout(soon);
  soon = setTimeout(refresh, 60); // hints of one moment are answered once
}, refresh);
setInterval(() => { if (document.visibilityState === "visible") refresh(); }, every);
stayOn();
acknowledge();
el("kitchen").classList.add("ready");

// The till. A tap is painted at once from what the server rendered, then sent; the answer is the truth. No text, no
// sum and no order lives here: words are in the page, amounts and lines come from the server.

import { Queue } from "./queue.js";
import { onScan } from "./scan.js";
import { live } from "./live.js";
import { parts, show } from "./swap.js";
import { play } from "./sound.js";
import { filter, firstTile, walkTiles } from "./keys.js";

const el = (id) => document.getElementById(id);
const till = el("till"), grid = el("grid"), search = el("search");
const onTicket = new Set(["add", "gift", "qty", "remove", "note", "name", "card", "send", "print"]);
const undone = []; // inverses of this page's commands on this ticket, newest last
let current = { ...el("cart").dataset };
let category = el("rail").querySelector("[aria-pressed=true]")?.dataset.show ?? "";

const mode = () => document.querySelector("#mode [aria-pressed=true]").dataset.mode;

const queue = new Queue({
  url: "/till/commands",
  prepare(command) {
    if (command.kind === "undo") {
      const inverse = undone.pop();
      if (!inverse) return "drop";
      Object.assign(command, inverse, { undoing: true });
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
    take(parts(html), command);
    if (command.kind === "pay") play("paid");
    if (command.kind === "card") play("scan");
  },
  async refused(command, html, status) {
    if (status === 401) return location.assign("/login");
    if (command.kind === "new") queue.clear(); // what waits has no ticket to go to
    show(parts(html));
    play("refused");
    await refetchCart();
  },
  changed: waiting,
});

// take shows an answer. The cart itself waits until nothing is pending, so that no painted line vanishes for a while.
function take(fresh, command = {}) {
  const cart = fresh.find((part) => part.id === "cart");
  if (cart) {
    const next = { ...cart.dataset };
    if (next.ticket === current.ticket && Number(next.version) < Number(current.version)) return; // an older truth
    // Without an inverse (a repeated command, a ticket another till has changed) what came before must not be undone in its place.
    if (next.ticket !== current.ticket || (command.kind && !command.undoing && !next.undo)) undone.length = 0;
    if (next.undo && command.kind && !command.undoing) undone.push(...JSON.parse(next.undo));
    current = next;
    history.replaceState(null, "", next.ticket ? `/?ticket=${encodeURIComponent(next.ticket)}` : "/");
  }
  const settled = queue.pending === 0;
  const before = new Map([...document.querySelectorAll("#lines > [id]")].map((line) => [line.id, line.dataset.qty]));
  show(fresh.filter((part) => (settled || (part.id !== "cart" && part.id !== "mode")) && part.id !== "status"));
  speak(fresh.find((part) => part.id === "status"));
  if (settled && cart && command.kind) flash(before);
  waiting(queue.pending, queue.offline);
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

// waiting says how much is on its way; nothing can be paid until it has arrived.
function waiting(pending, offline) {
  till.classList.toggle("waiting", pending > 0);
  const text = pending === 1 ? till.dataset.pendingOne : till.dataset.pendingOther.replace("#", pending);
  for (const button of document.querySelectorAll("[data-pay]")) {
    const off = pending > 0 || button.hasAttribute("data-off");
    if (button.tagName === "A") button.setAttribute("aria-disabled", off);
    else button.disabled = off;
  }
  const note = el("pending");
  if (note) {
    note.hidden = pending === 0;
    note.textContent = text;
    note.previousElementSibling.hidden = pending > 0;
  }
  const bar = el("offline");
  bar.hidden = !offline || pending === 0;
  bar.querySelector("span").textContent = text;
  el("undo").disabled = !(undone.length || pending);
}

// paint draws a tap before the server knows of it: a clone of the server's own template, dashed.
function paint(name, key, given) {
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
  line.dataset.times = Number(line.dataset.times) + 1;
  line.querySelector(".qty").textContent = `+${line.dataset.times}`;
  line.scrollIntoView({ block: "nearest" });
}

function run(kind, args, source) {
  el("toast").replaceChildren();
  if (kind === "add" || kind === "gift") paint(source.dataset.name, kind + JSON.stringify(args), kind === "gift");
  queue.add(kind, kind === "serve" ? { ...args, mode: mode() } : args);
}

async function fetchParts(url) {
  const answer = await fetch(url, { headers: { "X-Fragment": "cart", Accept: "text/html" } }).catch(() => null);
  if (answer?.status === 401) location.assign("/login");
  if (answer?.status === 409) location.assign("/"); // the shift was closed at another till
  return answer?.ok ? parts(await answer.text()) : [];
}

async function refetchCart() {
  const asked = current.ticket;
  const fresh = await fetchParts(`/till/cart?ticket=${encodeURIComponent(asked)}`);
  if (current.ticket === asked) take(fresh);
}

function openSheet(product, as, replaces) {
  const sheet = el(`sheet-${product}`);
  if (!sheet) return;
  sheet.querySelector("form").reset();
  sheet.dataset.as = as || "add";
  sheet.dataset.replaces = replaces || "";
  document.querySelector("dialog[open]")?.close();
  sheet.showModal();
}

function ask(button, args) {
  const dialog = el("reason");
  dialog.querySelector("form").reset();
  dialog.dataset.kind = button.dataset.kind;
  dialog.dataset.args = JSON.stringify(args);
  dialog.showModal();
}

function pressed(button) {
  if (button.getAttribute("aria-disabled") === "true") return;
  if (button.dataset.show !== undefined) return choose(button);
  if (button.dataset.open) return open(button);
  if (button.dataset.sheet) return openSheet(button.dataset.sheet, button.dataset.as, button.dataset.replaces);
  if (button.hasAttribute("data-close")) return button.closest("dialog").close();
  if (button.hasAttribute("data-fold")) return till.classList.toggle("unfolded");
  const { kind } = button.dataset;
  if (!kind) return;
  const args = JSON.parse(button.dataset.args || "{}");
  if (button.hasAttribute("data-reason")) return ask(button, args);
  button.closest("dialog")?.close();
  run(kind, args, button);
}

function open(button) {
  const dialog = el(button.dataset.open);
  button.closest("dialog")?.close();
  dialog.querySelector("form")?.reset();
  dialog.showModal();
}

function choose(button) {
  category = button.dataset.show;
  for (const other of el("rail").querySelectorAll("[data-show]")) other.setAttribute("aria-pressed", other === button);
  search.value = "";
  filter(grid, category, "");
  grid.scrollTop = 0;
}

// Forms of the dialogs and of the lines: their fields are the arguments.
function submitted(event) {
  const form = event.target.closest("form[data-kind]");
  if (!form) return;
  event.preventDefault();
  const dialog = form.closest("dialog");
  const data = new FormData(form);
  dialog?.close();
  if (form.dataset.kind === "reason") {
    const reason = data.get("other").trim() || data.get("reason") || "";
    return run(dialog.dataset.kind, { ...JSON.parse(dialog.dataset.args), reason }, form);
  }
  const args = JSON.parse(form.dataset.args || "{}");
  const option = ([name]) => name.startsWith("option");
  for (const [name, value] of [...data].filter((pair) => !option(pair))) args[name] = value;
  if (form.dataset.kind !== "options") return run(form.dataset.kind, args, form);
  args.options = [...data].filter(option).map(([, value]) => value);
  if (dialog.dataset.replaces) {
    const old = JSON.parse(dialog.dataset.replaces);
    queue.add("remove", { line: old.line });
    args.qty = old.qty;
  }
  run(dialog.dataset.as, args, form);
}

// Holding a tile for 400 ms opens its optional choices.
let held = 0, wasHeld = false;
function hold(event) {
  clearTimeout(held);
  wasHeld = false;
  const tile = event.target.closest(".tile[data-more]");
  if (tile) held = setTimeout(() => { wasHeld = true; openSheet(tile.dataset.more); }, 400);
}

document.addEventListener("pointerdown", hold);
for (const end of ["pointerup", "pointercancel", "pointerleave"]) document.addEventListener(end, () => clearTimeout(held));
document.addEventListener("contextmenu", (event) => { if (event.target.closest(".tile")) event.preventDefault(); });
document.addEventListener("click", (event) => {
  if (wasHeld) { wasHeld = false; return; }
  const auto = event.detail > 0 && event.target.closest("form[data-auto] input[type=radio]");
  if (auto) auto.form.requestSubmit(); // by finger only: arrow keys must be able to pass over a choice
  const target = event.target.closest("button, a[aria-disabled]");
  if (target?.matches("a[aria-disabled=true]")) event.preventDefault();
  else if (target?.matches("button")) pressed(target);
});
document.addEventListener("submit", submitted);

search.addEventListener("input", () => filter(grid, category, search.value));
search.addEventListener("keydown", (event) => {
  if (event.key === "Escape") { search.value = ""; filter(grid, category, ""); search.blur(); }
  if (event.key !== "Enter" || !search.value.trim()) return;
  event.preventDefault();
  const typed = search.value.replace(/\s/g, "");
  if (/^(\d{9}|FID\w{17})$/i.test(typed)) run("card", { code: typed }, search);
  else if (firstTile(grid)) pressed(firstTile(grid));
  else return;
  search.value = "";
  filter(grid, category, "");
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input, textarea, select");
  if (event.key === "/" && !typing) { event.preventDefault(); search.focus(); }
  if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !typing) { event.preventDefault(); run("undo", {}); }
});

onScan((code) => {
  document.querySelector("dialog[open]")?.close();
  run("card", { code });
});

// Live: other tills, the kitchen and the shelf. Hints of one moment are answered once.
const wanted = new Map();
function refresh(key, fetchIt) {
  clearTimeout(wanted.get(key));
  wanted.set(key, setTimeout(fetchIt, 120));
}
const load = (url) => async () => {
  show(await fetchParts(`${url}?ticket=${encodeURIComponent(current.ticket)}`));
  filter(grid, category, search.value);
  waiting(queue.pending, queue.offline);
};
const idleCart = () => { if (current.ticket && queue.pending === 0) refetchCart(); };
const topics = {
  menu: ["grid", load("/till/grid")], tickets: ["chips", load("/till/chips")], shelf: ["chips", load("/till/chips")], shift: ["chips", load("/till/chips")],
};
live("/api/v1/events", (topic) => {
  if (topics[topic]) refresh(...topics[topic]);
  if (topic === `ticket:${current.ticket}`) refresh("cart", idleCart);
}, () => { refresh(...topics.tickets); if (current.ticket) refresh("cart", idleCart); });

walkTiles(grid);
filter(grid, category, search.value);
waiting(0, false);
till.classList.add("ready");

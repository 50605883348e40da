// A scanner is a keyboard that types very fast. This listener finds the code of a card, of a receipt or of goods in what is
// typed anywhere on the page, whatever has the focus, swallows the Enter that ends it, and takes out what went into fields.

import { newId } from "./queue.js";
import { decode, sign } from "./decode.js";

const pause = 500; // ms that separate what belongs together from what follows
const again = 2000; // ms during which the same card is not told twice: a scanner on a stand repeats what lies before it
const own = document.documentElement.dataset; // how this device's scanner is set
const suffix = own.suffix ?? "any", silence = Number(own.silence ?? 100); // ms
const gap = silence / 2; // ms between the keys of a scanner

const focused = () => (document.activeElement?.matches?.("input, textarea, select") ? document.activeElement : null);

// state is what keys change in a field: its text, or which of several choices is chosen.
const state = (field) => (field?.type === "radio" ? document.querySelector(`input[name="${CSS.escape(field.name)}"]:checked`) : field?.value);

function restore(field, was) {
  if (field.type === "radio") {
    field.checked = false;
    if (was) was.checked = true;
  } else if (field.value !== was) {
    field.value = was;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

// send hands a scan to the server by a form: its code stands in no address and in no history. A card and goods go to the
// order of this till, or back to the payment they were scanned on; a receipt opens its sale.
function send(code) {
  const form = document.createElement("form");
  form.method = "post";
  form.action = "/scan";
  form.hidden = true;
  const paying = location.pathname.match(/^\/pay\/([^/]+)/);
  const fields = { code, command: newId(), ticket: paying?.[1] ?? kept(), next: paying ? location.pathname : "" };
  for (const [name, value] of Object.entries(fields)) form.append(Object.assign(document.createElement("input"), { name, value }));
  document.body.append(form);
  form.submit();
}

// kept is the order that this till had open last; see remember in till.js.
function kept() {
  try { return sessionStorage.getItem("ticket") ?? ""; } catch { return ""; }
}

// ask asks before a scan changes what is being paid.
export function ask(kind, yes) {
  const dialog = document.getElementById("scan-ask");
  for (const words of dialog.querySelectorAll("[data-says]")) words.hidden = words.dataset.says !== kind;
  dialog.returnValue = "";
  dialog.onclose = () => { if (dialog.returnValue === "yes") yes(); };
  if (!dialog.open) dialog.showModal();
}

// onScan calls found with what is scanned, {kind: "card", "receipt", "goods" or "unknown", code}, and with what sends it to
// the server; and began before the first key of whatever may become a scan. It returns how to forget what was told last.
export function onScan(found, began = () => {}) {
  let keys = []; // {sign, at, field, was}: what was typed, and what stood in the field before it
  let last = -pause, timer = 0, told = "", toldAt = -again, endedAt = -pause, focus = null;

  // finish tells what was scanned, if these keys are one; nothing that only time tells unless they are over.
  function finish(over) {
    const scan = decode(keys, gap);
    if (!scan || !over && scan.kind !== "card" && scan.kind !== "receipt") return false;
    clearTimeout(timer);
    const scanned = keys.slice(scan.from);
    const before = new Map(); // each field the scan typed into, and what stood there: none of it was meant for it
    for (const { field, was } of scanned) if (field && !before.has(field)) before.set(field, was);
    for (const [field, was] of before) {
      restore(field, was);
      if (field !== scanned[0].field) field.blur(); // a letter of the scan was a shortcut to it
    }
    if (focus?.isConnected && document.activeElement !== focus) focus.focus({ preventScroll: true }); // arrows of a keypad have walked
    keys = [];
    endedAt = last;
    if (scan.code !== told || last - toldAt > again || scan.kind === "goods") found(scan, () => send(scan.code));
    told = scan.code;
    toldAt = last;
    return true;
  }

  function wait() {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (!finish(suffix === "none")) timer = setTimeout(() => { finish(true); keys = []; }, pause - silence);
    }, silence);
  }

  document.addEventListener("keydown", (event) => {
    const { key, timeStamp } = event;
    if (key === "Shift" || key === "CapsLock" || key === "NumLock") return; // a scanner presses them, too
    if (timeStamp - last > pause) keys = [];
    const quick = timeStamp - last <= gap && keys.length > 0;
    last = timeStamp;
    if (key === "Enter" || key === "Tab") {
      const over = keys.length > 0 && timeStamp - keys.at(-1).at <= silence;
      const scanned = finish(over) || timeStamp - endedAt < pause; // with a button in focus, this Enter would press it
      keys = [];
      clearTimeout(timer);
      if (!scanned) return;
      endedAt = timeStamp;
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    endedAt = timeStamp - endedAt <= gap ? timeStamp : -pause; // a code of several lines goes on
    if (event.repeat) keys = []; // a key that is held
    if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || !sign(event)) return;
    const field = focused();
    if (quick && (key.length > 1 || key === " " && !field)) { // the keypad of a scanner with NumLock off walks nowhere, its space presses nothing
      event.preventDefault();
      event.stopPropagation();
    }
    if (!quick) { focus = document.activeElement; began(); }
    if (keys.length > 400) keys.shift();
    keys.push({ sign: sign(event), at: timeStamp, field, was: state(field) });
    wait();
  }, true);
  return { forget() { told = ""; } };
}

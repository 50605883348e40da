// A card scanner is a keyboard that types very fast. This listener finds the code of a card, or of a receipt, in what is
// typed anywhere on the page, whatever has the focus, and swallows the Enter that ends it.
//
// Keys are read by position (event.code) where there is one: the letters of a code stand in the same place on AZERTY,
// QWERTY and QWERTZ, whatever the scanner and the computer believe of each other. The code is known by its shape, not
// by its speed: a busy machine stretches a scan, and a code typed by hand means the same.

import { newId } from "./queue.js";

const pause = 500; // ms that separate what belongs together from what follows
const silence = 100; // ms after a whole code that stand for a missing Enter
const again = 700; // ms during which the same code is not told twice: a scanner on a stand repeats what lies before it
const shape = /(?:HTTPS?-[A-Z\d-]*-)?(FID[CBDEFGHIJKLNRTUV]{17})$|HTTPS?-[A-Z\d-]*-R-([CBDEFGHIJKLNRTUV]{13})$/; // a card alone, or the end of an address

function sign(event) {
  if (/^Key[A-Z]$/.test(event.code)) return event.code[3];
  if (/^(Digit|Numpad)\d$/.test(event.code)) return event.code.at(-1);
  if (event.key.length !== 1) return "";
  return /[a-z\d]/i.test(event.key) && !event.code ? event.key.toUpperCase() : "-";
}

const focused = () => (document.activeElement?.matches?.("input, textarea, select") ? document.activeElement : null);

// send hands a scan to the server by a form: its code stands in no address and in no history. A card goes to the order
// of this till, or back to the payment it was scanned on; a receipt opens its sale.
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

// onScan calls found with what is scanned, {kind: "card" or "receipt", code}, and with what sends it to the server.
export function onScan(found) {
  let keys = []; // {sign, field, value}: what was typed, and what stood in the field before it
  let last = 0, timer = 0, told = "", toldAt = -again, endedAt = -pause;

  function finish() {
    clearTimeout(timer);
    const match = keys.map((key) => key.sign).join("").match(shape);
    if (!match) return false;
    const scanned = keys.slice(match.index);
    const before = new Map(); // each field the scan typed into, and what stood there: none of it was meant for it
    for (const { field, value } of scanned) if (field && !before.has(field)) before.set(field, value);
    for (const [field, value] of before) {
      field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      if (field !== scanned[0].field) field.blur(); // a letter of the scan was a shortcut to it
    }
    keys = [];
    endedAt = last;
    const code = match[1] ?? match[2];
    if (code !== told || last - toldAt > again) found({ kind: match[1] ? "card" : "receipt", code }, () => send(code));
    told = code;
    toldAt = last;
    return true;
  }

  document.addEventListener("keydown", (event) => {
    const { key, timeStamp } = event;
    if (key === "Shift" || key === "CapsLock" || key === "NumLock") return; // a scanner presses them, too
    if (timeStamp - last > pause) keys = [];
    last = timeStamp;
    if (key === "Enter" || key === "Tab") {
      const scanned = finish() || timeStamp - endedAt < pause; // with a button in focus, this Enter would press it
      keys = [];
      if (!scanned) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    endedAt = -pause;
    if (event.ctrlKey || event.altKey || event.metaKey || !sign(event)) return;
    const field = focused();
    if (keys.length > 400) keys.shift();
    keys.push({ sign: sign(event), field, value: field?.value ?? "" });
    clearTimeout(timer);
    timer = setTimeout(finish, silence);
  }, true);
}

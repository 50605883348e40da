// A card scanner is a keyboard that types very fast. This listener tells its bursts from a hand, on the whole page.
//
// Keys are read by position (event.code) where there is one: the letters of a card's code stand in the same place on
// AZERTY, QWERTY and QWERTZ, whatever the scanner and the computer believe of each other.

const gap = 50; // ms between two keys of a burst
const silence = 100; // ms after which a burst without Enter has ended
const shortest = 20; // keys of a code; an address before it makes a burst longer
const code = /FID[CBDEFGHIJKLNRTUV]{17}$/;
const again = 2000; // ms during which the same card is not told twice

function sign(event) {
  if (/^Key[A-Z]$/.test(event.code)) return event.code[3];
  if (/^(Digit|Numpad)\d$/.test(event.code)) return event.code.at(-1);
  if (event.key.length === 1) return event.code ? "-" : event.key.toUpperCase();
  return "";
}

// onScan calls found with the code of each card that is scanned, and swallows the Enter that ends it.
export function onScan(found) {
  let text = "", last = 0, field = null, before = "", timer = 0, seen = "", seenAt = 0;

  function start() {
    text = "";
    field = document.activeElement?.matches?.("input, textarea") ? document.activeElement : null;
    before = field ? field.value : "";
  }

  function finish() {
    clearTimeout(timer);
    const match = text.length >= shortest ? text.match(code) : null;
    if (match && field) field.value = before; // what the burst typed into it was not meant for it
    text = "";
    if (!match) return false;
    const now = performance.now();
    if (match[0] !== seen || now - seenAt > again) found(match[0]);
    seen = match[0];
    seenAt = now;
    return true;
  }

  document.addEventListener("keydown", (event) => {
    const now = event.timeStamp;
    if (event.key === "Shift" || event.key === "CapsLock") return; // a scanner presses them, too
    const fast = now - last < gap;
    last = now;
    if (event.key === "Enter" || event.key === "Tab") {
      if (fast && finish()) {
        event.preventDefault(); // with a button in focus, this Enter would press it
        event.stopImmediatePropagation();
      }
      return;
    }
    const key = sign(event);
    if (!key || event.ctrlKey || event.altKey || event.metaKey) return;
    if (!fast || !text) start();
    text += key;
    clearTimeout(timer);
    timer = setTimeout(finish, silence);
  }, true);
}

// The test of the scanner. What it types is read twice: as scan.js does, by the position of each key, which finds the
// code of a card in any layout; and as the computer takes it, which is right only when both have the same layout.

const box = document.querySelector("[data-calibrate]");
const field = document.getElementById("scanned");
const silence = 600; // ms after which a scan is over
const whole = 12; // signs: fewer are no scan, but somebody at the keys
let typed = "", timer = 0;

// On window and first: scan.js, which follows on the document, keeps the Enter of a scan to itself.
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key.length === 1) typed += event.key;
  clearTimeout(timer);
  timer = setTimeout(judge, silence);
}, true);

// scan.js has put the code it found into the field by now; what was really typed takes its place.
function judge() {
  const found = field.value === box.dataset.code, text = typed;
  typed = "";
  if (!found && text.length < whole) return;
  field.value = text;
  say(text.toUpperCase() === box.dataset.calibrate.toUpperCase() ? "right" : found ? "foreign" : "wrong");
}

function say(what) {
  for (const sentence of box.querySelectorAll("[data-says]")) sentence.hidden = sentence.dataset.says !== what;
}

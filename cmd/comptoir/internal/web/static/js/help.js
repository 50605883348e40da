// The test of the scanner. What it types is read twice: by the position of each key, as scan.js finds the code of a card
// in any layout; and as the computer takes it, which is right only when both have the same layout.

const box = document.querySelector("[data-calibrate]");
const field = document.getElementById("scanned");
const silence = 600; // ms after which a scan is over
const whole = 12; // signs: fewer are no scan, but somebody at the keys
let typed = "", letters = "", timer = 0;

// On window and first: scan.js, which follows on the document, keeps the Enter of a scan to itself.
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key.length === 1) typed += event.key;
  if (/^Key[A-Z]$/.test(event.code)) letters += event.code[3];
  clearTimeout(timer);
  timer = setTimeout(judge, silence);
}, true);

function judge() {
  const text = typed, found = letters.endsWith(box.dataset.code);
  typed = letters = "";
  if (text.length < whole) return;
  field.value = text;
  say(text.toUpperCase() === box.dataset.calibrate.toUpperCase() ? "right" : found ? "foreign" : "wrong");
}

function say(what) {
  for (const sentence of box.querySelectorAll("[data-says]")) sentence.hidden = sentence.dataset.says !== what;
}

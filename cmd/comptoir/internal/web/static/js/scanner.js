// The trial of a scanner and of the camera. What is scanned here goes nowhere: the page shows what arrives, key by key, and
// what that says of the scanner and of the computer.

import { decode, sign } from "./decode.js";
import { openCamera, readPhoto } from "./camera.js";

const box = document.querySelector("[data-trial]");
const quiet = 500; // ms after which a scan is over
const fast = 50; // ms between the keys of a scanner
const show = (name, text) => { box.querySelector(`[data-${name}]`).textContent = text; };

// Which layout strikes which key for ":" and what a computer makes of it: "Semicolon+" is that key with Shift.
const strikes = { "Semicolon+": "us", Period: "fr", "Period+": "de" };
const reads = { "Semicolon+:": "us", "Semicolon+M": "fr", "Semicolon+Ö": "de", "Period:": "fr", "Period+/": "fr", "Period+>": "us", "Period+:": "de", "Digit7+&": "us", "Digit7+7": "fr", "Digit7+/": "de" };

let keys = [], timer = 0;

addEventListener("keydown", (event) => {
  const { key, code, timeStamp } = event;
  if (["Shift", "CapsLock", "NumLock"].includes(key) || event.ctrlKey || event.metaKey) return;
  if (keys.length && timeStamp - keys.at(-1).at > quiet) keys = [];
  const quick = keys.length > 0 && timeStamp - keys.at(-1).at <= fast * 2;
  keys.push({ key, code, at: timeStamp, sign: sign(event), shift: event.shiftKey, caps: event.getModifierState("CapsLock") });
  if (quick && (key.length > 1 || key === " ")) { event.preventDefault(); event.stopImmediatePropagation(); } // no Enter of a scan presses anything
  clearTimeout(timer);
  timer = setTimeout(judge, quiet);
}, true);

function judge() {
  const ends = /^(Enter|Tab)$/.test(keys.at(-1)?.key) ? keys.at(-1).key : "", struck = keys.filter((key) => key.sign);
  const pace = (struck.at(-1)?.at - struck[0]?.at) / (struck.length - 1);
  if (struck.length < 6 || pace > fast * 4) { keys = []; return; } // somebody at the keys
  const scan = decode(struck, Math.max(pace * 4, fast)) ?? { kind: "unknown", code: "" };
  const typed = struck.map((key) => (key.key.length === 1 ? key.key : "·")).join("");
  const [colon, slash] = struck.filter((key) => !/^(Key|Digit|Numpad)/.test(key.code));
  const at = (key) => key && key.code + (key.shift ? "+" : "");
  const set = strikes[at(colon)], host = reads[at(colon) + colon?.key] ?? reads[at(slash) + slash?.key];
  const says = {
    waiting: false, card: scan.kind === "card" && scan.code === box.dataset.code, goods: scan.kind === "goods" && scan.code === box.dataset.goods,
    other: scan.kind !== "unknown" && scan.code !== box.dataset.code && scan.code !== box.dataset.goods, unknown: scan.kind === "unknown",
    layouts: Boolean(set && host && set !== host) || scan.kind === "goods" && struck.some((key) => key.key.length === 1 && key.key !== key.sign),
    suffix: !ends, slow: pace > fast, caps: keys.some((key) => key.caps), numlock: struck.some((key) => key.key.length > 1),
  };
  for (const sentence of box.querySelectorAll("[data-says]")) sentence.hidden = !says[sentence.dataset.says];
  for (const word of box.querySelectorAll("[data-scanner]")) word.hidden = word.dataset.scanner !== set;
  for (const word of box.querySelectorAll("[data-host]")) word.hidden = word.dataset.host !== host;
  box.querySelector("[data-both]").hidden = !set || !host;
  show("typed", typed);
  show("count", struck.length);
  show("pace", `${Math.round(pace)} ms`);
  show("end", ends || "—");
  box.querySelector("[data-keys]").replaceChildren(...keys.map((key, i) => Object.assign(document.createElement("li"), {
    textContent: `${key.shift ? "⇧ " : ""}${key.code || "?"} → ${key.key}${i ? ` · ${Math.round(key.at - keys[i - 1].at)} ms` : ""}` })));
  keys = [];
}

const dialog = document.getElementById("camera-trial"), camera = dialog.querySelector("[data-camera]");
const seen = ({ code }) => {
  const said = document.querySelector("[data-seen]");
  said.hidden = false;
  said.querySelector("b").textContent = code;
  dialog.close();
};
document.querySelector("[data-try-camera]").addEventListener("click", () => {
  dialog.showModal();
  if (navigator.mediaDevices) [camera.hidden, dialog.querySelector(".photo").hidden] = [false, true];
});
camera.addEventListener("click", () => openCamera(dialog, seen));
dialog.querySelector("[data-photo]").addEventListener("change", ({ target }) => { if (target.files.length) readPhoto(target, seen); });

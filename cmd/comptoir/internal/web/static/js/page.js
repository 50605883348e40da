// Small comforts of the plain pages; each works without this file.

import { ask, onScan } from "./scan.js";

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-print], [data-copy], [data-fill], [data-step]");
  if (!button) return;
  if (button.hasAttribute("data-print")) print();
  if (button.dataset.copy) { event.preventDefault(); copy(button); }
  if (button.dataset.step) step(document.getElementById(button.dataset.into), Number(button.dataset.step));
  if (button.dataset.fill) document.getElementById(button.dataset.into).value = button.dataset.fill;
});

// step counts a field up or down, between nothing and the most it may hold.
function step(field, by) {
  const most = Number(field.dataset.most || 9999);
  field.value = String(Math.min(most, Math.max(0, (Number.parseInt(field.value, 10) || 0) + by)));
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

// copy works on plain http too, where there is no clipboard API.
function copy(button) {
  const field = document.createElement("textarea");
  field.value = button.dataset.copy;
  document.body.append(field);
  field.select();
  if (document.execCommand("copy")) button.querySelector("span").textContent = button.dataset.copied;
  field.remove();
  button.focus();
}

for (const el of document.querySelectorAll("[data-scripted]")) el.hidden = false;
for (const here of document.querySelectorAll(".subnav [aria-current]")) here.scrollIntoView({ block: "nearest", inline: "center" });

// What is scanned goes to the field that waits for it, else, on pages of the staff, to the till; a receipt opens its sale.
// What is being paid is not changed without asking. A page that tries a scanner hears it by itself.
const fields = { card: document.querySelector("[data-card]"), goods: document.querySelector("[data-barcode]") };
const staff = document.querySelector("body[data-staff]"), unscanned = document.getElementById("unscanned");
if ((fields.card || staff) && !document.querySelector("[data-trial]")) {
  onScan(({ kind, code }, send) => {
    if (unscanned) unscanned.hidden = kind !== "unknown";
    if (fields[kind]) { fields[kind].value = code; fields[kind].focus(); }
    else if (kind === "unknown" || !staff) return;
    else if (kind !== "receipt" && document.getElementById("scan-ask")) ask(kind, send);
    else send();
  });
}

// A receipt that has just been asked for goes to the printer by itself.
if (document.querySelector("[data-print-now]")) addEventListener("load", () => print(), { once: true });

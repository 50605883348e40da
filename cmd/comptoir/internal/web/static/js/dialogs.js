// The dialogs of the till: sheets, the pad of a quantity, the question why. A dialog closes when the server has accepted
// what it sent; a refusal stands in it, beside its field, and what was typed stays.

const el = (id) => document.getElementById(id);
const top = () => [...document.querySelectorAll("dialog[open]")].at(-1) ?? null;

// openDialog opens a dialog that is in the page, with its forms as the server made them.
export function openDialog(id) {
  const dialog = el(id);
  if (dialog.open) return dialog;
  for (const form of dialog.querySelectorAll("form")) form.reset();
  quieten(dialog);
  dialog.showModal();
  const title = dialog.querySelector("h2");
  if (title && matchMedia("(pointer: coarse)").matches && document.activeElement.matches("input")) { // a keyboard over half the screen is asked for by touching the field
    title.tabIndex = -1;
    title.focus();
  }
  return dialog;
}

// openSheet opens the choices of a product, to ring it or to serve it.
export function openSheet(product, as = "add", qty = 0) {
  const sheet = el(`sheet-${product}`);
  if (!sheet) return;
  top()?.close();
  sheet.dataset.as = as;
  sheet.dataset.qty = qty;
  openDialog(sheet.id);
}

// openNumber opens the pad for the quantity of a line.
export function openNumber(button) {
  const { line, qty, name, seen } = JSON.parse(button.dataset.number);
  const dialog = openDialog("number-sheet"), form = dialog.querySelector("form"), field = form.elements.qty;
  form.dataset.args = JSON.stringify({ line });
  el("number-title").textContent = name;
  field.value = qty;
  const why = dialog.querySelector("[data-why]");
  const ask = () => { why.disabled = why.hidden = !(seen && field.value !== "" && Number(field.value) < qty); };
  field.oninput = ask;
  ask();
  field.focus();
  field.select();
}

// openReason asks why before a command that needs it; the sheet it came from stays behind.
export function openReason(kind, args) {
  const dialog = openDialog("reason");
  dialog.dataset.kind = kind;
  dialog.dataset.args = JSON.stringify(args);
}

// sentFrom says which dialogs wait for the answer to a command that begins at an element.
export function sentFrom(source) {
  const own = source?.closest?.("dialog");
  if (!own) return {};
  const sheets = [...document.querySelectorAll("dialog[open]")];
  for (const dialog of sheets) dialog.setAttribute("aria-busy", "true");
  return { sheets, form: source.closest("form") };
}

// accepted closes what has waited.
export function accepted({ sheets = [] }) {
  for (const dialog of sheets.toReversed()) {
    dialog.removeAttribute("aria-busy");
    if (dialog.open) dialog.close();
  }
}

// refused shows a refusal where it was asked, and reports whether there still is such a place.
export function refused({ sheets = [], form }, toast) {
  for (const dialog of sheets) dialog.removeAttribute("aria-busy");
  const dialog = sheets.at(-1);
  if (!dialog?.open || !toast) return false;
  const { code, field } = toast.dataset;
  for (const more of dialog.querySelectorAll("[data-if]")) if (more.dataset.if === code) more.hidden = more.disabled = false;
  const place = form ?? dialog;
  const input = [...place.elements ?? []].find((i) => i.type !== "hidden" && isOf(i, field));
  tell(place.querySelector("[data-problem]") ?? dialog.querySelector("[data-problem]"), toast.innerText.trim(), input);
  return true;
}

// isOf reports whether a field of a form is the one a refusal names, by its path or as one of its names.
function isOf(input, field) {
  const last = field.split(".").at(-1);
  return Boolean(last) && (input.name === last || input.dataset.names?.split(" ").includes(last));
}

let told = 0;
function tell(problem, text, input) {
  if (!problem) return;
  problem.id ||= `problem-${(told += 1)}`;
  input?.closest(".field, fieldset")?.append(problem);
  problem.textContent = text;
  problem.hidden = false;
  if (!input) return problem.scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", problem.id);
  input.focus();
}

// quieten takes away what was said of the last try.
function quieten(dialog) {
  for (const problem of dialog.querySelectorAll("[data-problem]")) problem.hidden = true;
  for (const input of dialog.querySelectorAll("[aria-invalid]")) {
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
  }
  for (const more of dialog.querySelectorAll("[data-if]")) more.hidden = more.disabled = true;
}

// waitingFor says in a dialog that waits that there is no network; empty takes it back.
export function waitingFor(text) {
  for (const dialog of document.querySelectorAll("dialog[aria-busy=true]")) {
    const problem = dialog.querySelector("[data-problem]");
    if (!problem) continue;
    problem.textContent = text;
    problem.hidden = !text;
  }
}

// read turns a submitted form into a command; null when there is nothing to send.
export function read(form) {
  const dialog = form.closest("dialog");
  const args = JSON.parse((form.dataset.kind === "reason" ? dialog.dataset.args : form.dataset.args) || "{}");
  let kind = form.dataset.kind;
  if (kind === "reason") kind = dialog.dataset.kind;
  if (kind === "options") {
    kind = dialog.dataset.as || "add";
    if (Number(dialog.dataset.qty) > 1) args.qty = Number(dialog.dataset.qty);
  }
  if (form.hasAttribute("data-options")) args.options = [];
  for (const [name, value] of new FormData(form)) {
    const field = form.elements[name];
    if (name.startsWith("option-")) args.options.push(value);
    else if (name === "other") args.reason = value.trim() || args.reason || "";
    else if (field.dataset?.integer === undefined) args[name] = value;
    else if (/^\d+$/.test(value)) args[name] = Number(value);
    else return field.select(), null;
  }
  return { kind, args };
}

// advance goes on from a choice made by finger: to the next group, or, after the last of those that take exactly one
// each, straight to the order. Arrow keys must be able to pass over a choice.
export function advance(input) {
  const { form } = input, next = input.closest("fieldset").nextElementSibling;
  if (next?.matches("fieldset")) {
    next.scrollIntoView({ block: "nearest" });
    next.querySelector("input")?.focus({ preventScroll: true });
  } else if (form.hasAttribute("data-auto") && form.checkValidity()) form.requestSubmit();
}

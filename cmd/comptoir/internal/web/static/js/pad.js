// Pads of digits: keys write into the field they stand for, or, of several, into the one that was touched last. Without
// script a pad stays hidden and its fields are typed in.

for (const pad of document.querySelectorAll("[data-pad]")) {
  const fields = pad.dataset.pad.split(" ").map((id) => document.getElementById(id)).filter(Boolean);
  const point = pad.dataset.point; // decimal sign: the digits then fill from the cents
  let field = fields[0];
  let fresh = true; // the first digit replaces what stood there
  pad.hidden = fields.length === 0;
  const shown = pad.offsetParent !== null;

  for (const f of fields) {
    if (shown && matchMedia("(pointer: coarse)").matches) f.inputMode = "none"; // the pad is the keyboard
    f.addEventListener("focus", () => { if (field !== f) fresh = true; field = f; });
    f.form?.addEventListener("reset", () => { fresh = true; });
    f.addEventListener("input", (event) => { if (event.isTrusted) fresh = false; });
  }

  const shape = (digits) => point ? digits.padStart(3, "0").replace(/^0+(?=\d{3})/, "").replace(/(\d\d)$/, point + "$1") : digits;

  pad.addEventListener("click", (event) => {
    const key = event.target.closest("button")?.dataset.key;
    if (key === undefined || field.disabled) return;
    let digits = fresh ? "" : field.value.replace(/\D/g, "");
    fresh = false;
    digits = key === "back" ? digits.slice(0, -1) : (digits + key).slice(0, field.maxLength > 0 ? field.maxLength : 7);
    field.value = shape(digits);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

for (const radio of document.querySelectorAll("[data-focus]")) {
  radio.addEventListener("change", () => { if (matchMedia("(pointer: fine)").matches) document.getElementById(radio.dataset.focus).focus(); });
}

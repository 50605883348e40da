// The pad of the sign-in page, and of any field that takes digits: keys write into the field beside them. Without
// script the pad stays hidden and the field is typed in.

for (const pad of document.querySelectorAll("[data-pad]")) {
  const field = document.getElementById(pad.dataset.pad);
  const point = pad.dataset.point; // decimal sign: the digits then fill from the cents
  let fresh = true;
  pad.hidden = false;

  const write = (digits) => {
    field.value = point ? digits.padStart(3, "0").replace(/^0+(?=\d{3})/, "").replace(/(\d\d)$/, point + "$1") : digits;
  };

  field.addEventListener("input", () => { fresh = false; });
  pad.addEventListener("click", (event) => {
    const key = event.target.closest("button")?.dataset.key;
    if (key === undefined) return;
    let digits = fresh && point ? "" : field.value.replace(/\D/g, "");
    fresh = false;
    digits = key === "back" ? digits.slice(0, -1) : (digits + key).slice(0, field.maxLength > 0 ? field.maxLength : 7);
    write(digits);
  });
}

for (const radio of document.querySelectorAll("[data-focus]")) {
  radio.addEventListener("change", () => { if (matchMedia("(pointer: fine)").matches) document.getElementById(radio.dataset.focus).focus(); });
}

// What the keys of a scanner say, whatever layouts the scanner and the computer believe in. Nothing here touches a page.
//
// Keys are read by position (event.code) where there is one: the letters of our codes stand in the same place on AZERTY,
// QWERTY and QWERTZ, and a digit is a digit on all of them, on the keypad too, with NumLock off.

const shape = /(?:HTTPS?-[A-Z\d-]*-)?(FID[CBDEFGHIJKLNRTUV]{17})$|HTTPS?-[A-Z\d-]*-R-([CBDEFGHIJKLNRTUV]{13})$/; // a card alone, or the end of an address
const shortest = 6; // signs that hands do not strike at the pace of a scanner

// sign is what a key adds to a scan: a letter or digit, "-" for any other sign, "" for what is none.
export function sign({ code, key }) {
  if (/^Key[A-Z]$/.test(code)) return code[3];
  if (/^(Digit|Numpad)\d$/.test(code)) return code.at(-1);
  if (key.length !== 1) return "";
  return /[a-z\d]/i.test(key) && !code ? key.toUpperCase() : "-";
}

// goods is the code of goods in digits, with 13 of them or 8; "" when the last one does not check the others.
export function goods(digits) {
  if (!/^(\d{8}|\d{12,13})$/.test(digits)) return "";
  const sum = [...digits].reverse().reduce((n, d, i) => n + Number(d) * (i % 2 ? 3 : 1), 0);
  return sum % 10 ? "" : digits.length === 12 ? `0${digits}` : digits;
}

// decode finds what was scanned at the end of keys, {sign, at} each with its time in ms: {kind, code, from}, from being the
// place of its first key. A card and a receipt are known by their shape, whatever their pace; goods, and what is clearly
// a scan without being anything of ours ("unknown"), by keys that follow each other within gap ms. null: nothing yet.
export function decode(keys, gap) {
  const text = keys.map((key) => key.sign).join(""), match = text.match(shape);
  if (match) return { kind: match[1] ? "card" : "receipt", code: match[1] ?? match[2], from: match.index };
  let from = Math.max(keys.length - 1, 0);
  while (from > 0 && keys[from].at - keys[from - 1].at <= gap) from -= 1;
  const run = text.slice(from), code = goods(run);
  if (code) return { kind: "goods", code, from };
  return run.length < shortest ? null : { kind: "unknown", code: run, from };
}

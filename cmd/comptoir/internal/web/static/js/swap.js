// swap puts what the server rendered in place of what the page shows, element by element, so that focus, scroll and
// open parts stay. Elements are matched by id, else by place.

const kept = new Set(["DETAILS", "DIALOG"]); // their "open" belongs to the person, not to the server

function attributes(from, to) {
  for (const { name, value } of [...to.attributes]) {
    if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
  for (const { name } of [...from.attributes]) {
    if (!to.hasAttribute(name) && !(name === "open" && kept.has(from.tagName))) from.removeAttribute(name);
  }
}

export function swap(from, to) {
  if (from.nodeType !== to.nodeType || from.nodeName !== to.nodeName || (from.id || "") !== (to.id || "")) {
    from.replaceWith(to);
    return;
  }
  if (from.nodeType !== Node.ELEMENT_NODE) {
    if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue;
    return;
  }
  const field = from.matches("input, textarea"); // what is typed stays, unless the server has another value since
  const renewed = field && from !== document.activeElement && (from.defaultValue !== to.defaultValue || from.defaultChecked !== to.defaultChecked);
  attributes(from, to);
  if (renewed) [from.value, from.checked] = [to.value, to.checked];
  children(from, to);
}

function children(from, to) {
  const named = new Map();
  for (const child of from.children) if (child.id) named.set(child.id, child);
  let at = from.firstChild;
  for (const next of [...to.childNodes]) {
    const same = next.id ? named.get(next.id) : at && !at.id && at.nodeName === next.nodeName ? at : null;
    if (!same) {
      from.insertBefore(next, at);
      continue;
    }
    if (same === at) at = at.nextSibling;
    else from.insertBefore(same, at);
    swap(same, next);
  }
  while (at) {
    const rest = at.nextSibling;
    at.remove();
    at = rest;
  }
}

// parts reads an answer: its elements by id.
export function parts(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return [...holder.content.children].filter((el) => el.id);
}

// show puts each part in the place of the element with its id. The focus stays with the element of its id, or, when that
// is gone, in the list it was in.
export function show(fresh) {
  const had = document.activeElement, list = had?.closest("ul[id]");
  for (const el of fresh) {
    const old = document.getElementById(el.id);
    if (old) swap(old, el);
  }
  if (!had?.id || document.activeElement !== document.body) return;
  const again = document.getElementById(had.id) ?? document.getElementById(list?.id)?.querySelector("button");
  again?.focus({ preventScroll: true });
}

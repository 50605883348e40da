// The keyboard of the till: arrows walk the tiles, "/" searches, digits before a tile are its quantity, F1 to F6 are the
// categories, Enter pays, Ctrl+Z takes back.

const fold = (s) => s.normalize("NFD").replace(/\p{Diacritic}/gu, "").toLowerCase().trim();

const visible = (grid) => [...grid.querySelectorAll(".tile")].filter((tile) => tile.offsetParent !== null);

// rove leaves one tile in the tab order: the one last visited, else the first.
export function rove(grid, to = null) {
  const tiles = visible(grid);
  const chosen = to ?? tiles.find((t) => t === document.activeElement) ?? tiles[0];
  for (const tile of grid.querySelectorAll(".tile")) tile.tabIndex = tile === chosen ? 0 : -1;
}

// nearest returns the tile in the direction of an arrow: by place on the screen, as an eye would.
function nearest(tiles, from, key) {
  const at = tiles.indexOf(from);
  if (key === "ArrowRight") return tiles[at + 1];
  if (key === "ArrowLeft") return tiles[at - 1];
  if (key === "Home") return tiles[0];
  if (key === "End") return tiles.at(-1);
  const a = from.getBoundingClientRect();
  let best, cost = Infinity;
  for (const tile of tiles) {
    const b = tile.getBoundingClientRect();
    const down = key === "ArrowDown" ? b.top - a.top : a.top - b.top;
    if (down < a.height / 2) continue;
    const far = down * 4 + Math.abs(b.left - a.left);
    if (far < cost) [best, cost] = [tile, far];
  }
  return best;
}

export function walkTiles(till) {
  till.addEventListener("focusin", ({ target }) => {
    if (target.matches(".tile")) rove(target.closest(".grid"), target);
  });
  till.addEventListener("keydown", (event) => {
    if (!/^(Arrow|Home|End)/.test(event.key) || !event.target.matches(".tile")) return;
    const next = nearest(visible(event.target.closest(".grid")), event.target, event.key);
    event.preventDefault();
    next?.focus();
  });
}

// matches reports whether a text holds the words; accents and case do not count.
export const matches = (text, words) => fold(text).includes(fold(words));

// filter shows the category, or what matches the words; accents and case do not count. Words that match the name of
// a category show all of it.
export function filter(grid, category, words) {
  const wanted = fold(words);
  let hits = 0;
  for (const section of grid.querySelectorAll("[data-category]")) {
    const name = section.dataset.category;
    const whole = wanted && name !== "favourites" && fold(section.dataset.name).startsWith(wanted);
    let shown = 0;
    for (const item of section.querySelectorAll("li")) {
      const hit = wanted ? name !== "favourites" && (whole || fold(item.firstElementChild.dataset.name).includes(wanted)) : true;
      item.hidden = !hit;
      shown += hit;
    }
    section.hidden = wanted ? !shown : category ? name !== category : name === "favourites";
    if (!section.hidden) hits += shown;
  }
  grid.querySelector(".nothing").hidden = hits > 0 || !wanted;
  rove(grid);
}

export const firstTile = (grid) => visible(grid)[0];

// shortcuts listens to the keys that mean the same everywhere on the till. Digits make up the quantity of the next tile,
// shown in the badge until take is called: they are read by position, for on AZERTY they want Shift.
export function shortcuts({ badge, search, undo, category, pay, leave }) {
  let times = "";
  const write = (digits) => {
    times = digits.replace(/^0+/, "").slice(-2);
    badge.hidden = !times;
    badge.textContent = times && `×${times}`;
  };
  document.addEventListener("keydown", (event) => {
    const { key, code, target } = event, command = event.ctrlKey || event.metaKey;
    if (target.matches?.("input, textarea, select") || document.querySelector("dialog[open]")) return;
    const digit = !command && !event.altKey && /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1];
    if (key === "/") search();
    else if (command && key.toLowerCase() === "z") undo();
    else if (/^F[1-6]$/.test(key) && !command) category(Number(key[1]) - 1);
    else if (key === "Escape") { write(""); leave(); return; }
    else if (digit) { write(times + digit); return; }
    else if (key === "Backspace" && times) write(times.slice(0, -1));
    else if (key === "Enter" && target === document.body) pay();
    else return;
    event.preventDefault();
  });
  return { take() { const n = Number(times) || 1; write(""); return n; }, peek: () => times, put: write };
}

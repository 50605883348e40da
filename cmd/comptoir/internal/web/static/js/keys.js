// The keyboard of the till: arrows walk the tiles, "/" searches, digits are left to the fields.

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

export function walkTiles(grid) {
  grid.addEventListener("focusin", (event) => {
    if (event.target.matches(".tile")) rove(grid, event.target);
  });
  grid.addEventListener("keydown", (event) => {
    if (!/^(Arrow|Home|End)/.test(event.key) || !event.target.matches(".tile")) return;
    const next = nearest(visible(grid), event.target, event.key);
    event.preventDefault();
    next?.focus();
  });
}

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

// What printers do, as it happens: each element that says where it comes from is fetched again when a printer or a job has
// changed. On a page without a stream of its own this opens one.

import { live } from "./live.js";
import { parts, show } from "./swap.js";

let asked = false, again = false;

async function look() {
  if (asked) { again = true; return; } // what is on its way may be too old
  asked = true;
  for (const el of document.querySelectorAll("[data-from]")) {
    const answer = await fetch(el.dataset.from, { headers: { "X-Fragment": el.id, Accept: "text/html" } }).catch(() => null);
    if (answer?.ok) show(parts(await answer.text()).filter((part) => part.id === el.id));
  }
  asked = false;
  if (again) { again = false; look(); }
}

document.addEventListener("hint", ({ detail }) => { if (!detail || detail === "printing" || detail === "devices") look(); });
if (document.querySelector("main.counter")) look();
else live("/api/v1/events", () => {});

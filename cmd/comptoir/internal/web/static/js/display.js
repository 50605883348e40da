// The customer's display: it shows what the server says the till shows, and asks again when that has changed.

import { live } from "./live.js";
import { parts, show } from "./swap.js";

const slow = 60000; // ms between two looks when nothing is told: a new day, a hint that was lost
const soon = 2000; // ms before another try when the service does not answer
const display = () => document.getElementById("display");
let timer = 0, asking = false, stale = false;

async function refresh() {
  if (asking) { stale = true; return; }
  asking = true;
  stale = false;
  clearTimeout(timer);
  const url = `/display/part${location.search}`;
  const answer = await fetch(url, { headers: { "X-Fragment": "display", Accept: "text/html" } }).catch(() => null);
  if (answer?.status === 401 || answer?.status === 403) return location.reload(); // the session has ended: the page says so
  if (answer?.ok) show(parts(await answer.text()));
  newest();
  asking = false;
  if (stale) return refresh();
  plan(answer?.ok ? slow : soon);
}

// newest brings the line that was just rung into view.
function newest() {
  const rung = document.querySelector(".rung");
  if (rung) rung.scrollTop = rung.scrollHeight;
}

// plan looks again when what is shown ends by itself, or after a while.
function plan(otherwise) {
  clearTimeout(timer);
  const left = Number(display().dataset.left);
  timer = setTimeout(refresh, left > 0 ? Math.min(left + 50, otherwise) : otherwise);
}

live("/api/v1/events", (topic) => {
  if (topic === `display:${display().dataset.till}`) refresh();
}, refresh);
newest();
plan(slow);

// The screen stays on where the browser can see to it; the device's own setting does elsewhere.
const stayOn = () => { if (document.visibilityState === "visible") navigator.wakeLock?.request("screen").catch(() => {}); };
document.addEventListener("visibilitychange", stayOn);
stayOn();

const full = document.querySelector("[data-full]");
if (full && document.documentElement.requestFullscreen) {
  full.hidden = false;
  full.addEventListener("click", () => {
    full.closest("details").open = false;
    document.documentElement.requestFullscreen().catch(() => {});
  });
}

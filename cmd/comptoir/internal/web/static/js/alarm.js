// The till's alarm: an order that no screen of the kitchen has shown for 20 s. The server says when it is worth asking
// again, for an order gets late without anything happening.

import { newId } from "./queue.js";
import { parts, show } from "./swap.js";
import { play } from "./sound.js";

const url = "/till/alarm", least = 250, unheard = 15000; // ms
const alarm = () => document.getElementById("alarm");
let again = 0, turn = 0;

async function ask(body) {
  const mine = ++turn;
  clearTimeout(again);
  const headers = { "X-Fragment": "alarm", Accept: "text/html" };
  const post = body && { method: "POST", body, headers: { ...headers, "Content-Type": "application/json", "Idempotency-Key": newId() } };
  const answer = await fetch(url, post || { headers }).catch(() => null);
  const fresh = answer?.ok ? parts(await answer.text()).filter((part) => part.id === "alarm") : [];
  if (mine !== turn) return;
  const before = alarm().innerText;
  show(fresh);
  const now = alarm().innerText;
  if (now && now !== before) play("alarm");
  const wait = fresh.length ? Number(alarm().dataset.wait) : unheard; // no answer: the till has its own bar for that
  if (wait) again = setTimeout(ask, Math.max(wait, least));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-alarm]");
  if (button) ask(button.dataset.alarm);
});
document.addEventListener("hint", ({ detail }) => { if (!detail || detail === "kitchen" || detail === "charges") ask(); });
ask();

// The page of a payment by the terminal: it is read again when something has happened to it, and leads on by itself.

import { live } from "./live.js";
import { parts, show } from "./swap.js";

const slow = 15000; // ms between two looks when nothing is told
const charge = () => document.getElementById("charge");
let timer = 0, turn = 0;

async function refresh() {
  clearTimeout(timer);
  timer = setTimeout(refresh, slow);
  if (document.activeElement?.matches("#charge input")) return; // somebody is typing
  const mine = ++turn, url = new URL(location.href);
  url.pathname = url.pathname.replace(/\/(answer|again)$/, "") + "/part"; // after a refusal the page has the address of its form
  const answer = await fetch(url, { headers: { "X-Fragment": "charge", Accept: "text/html" } }).catch(() => null);
  if (answer?.status === 401) return location.reload();
  if (!answer?.ok || mine !== turn) return;
  show(parts(await answer.text()));
  if (charge().dataset.go) location.replace(charge().dataset.go);
}

live("/api/v1/events", (topic) => { if (topic === "charges") refresh(); }, refresh);
timer = setTimeout(refresh, slow);

// Forms that move money are never guessed about. A form marked data-sure is sent with the id of its command until the
// till answers: a lost answer is asked for again, and the same id never pays twice. What the till refuses is then shown
// by the form itself, sent once more the plain way: a refusal leaves nothing behind, and the page comes from the server.

import { keep } from "./remember.js";

const waits = [500, 1000, 2000, 4000, 8000]; // ms between two tries, the last one from then on
const late = 2500; // ms after which an answer that has not come yet is told: the till is saving, on a slow disk
const unsure = document.getElementById("unsure"), says = unsure?.querySelector("span"), nothing = says?.textContent;
let sending = false;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-sure]") || form.dataset.plain !== undefined || event.submitter?.hasAttribute("formaction")) return;
  event.preventDefault();
  if (!sending) send(form, event.submitter);
});

async function send(form, button) {
  sending = true;
  const body = new URLSearchParams(new FormData(form, button));
  const buttons = [...document.querySelectorAll("button, a.button")];
  for (const b of buttons) b.inert = true;
  for (let tries = 0; ; tries++) {
    const slow = setTimeout(() => tell(says.dataset.slow), late);
    const answer = await ask(form.action, body);
    clearTimeout(slow);
    const next = answer?.ok && answer.headers.get("X-Comptoir-Next");
    if (next) {
      await keep(body.get("command"), answer);
      location.assign(next);
      return;
    }
    if (answer?.redirected) { location.assign(answer.url); return; }
    if (answer && answer.status < 500) break;
    tell(await trouble(answer) || nothing);
    await new Promise((done) => setTimeout(done, waits[Math.min(tries, waits.length - 1)]));
  }
  for (const b of buttons) b.inert = false;
  form.dataset.plain = "";
  form.requestSubmit(button);
}

function tell(words) {
  unsure.hidden = false;
  if (says.textContent !== words) says.textContent = words; // said once
}

// trouble is what the till says of its disk on the page it answered, nothing when none came.
async function trouble(answer) {
  const page = await answer?.text().catch(() => "") ?? "";
  return new DOMParser().parseFromString(page, "text/html").querySelector(".sick p")?.textContent;
}

// ask returns the answer, or nothing when none arrived.
async function ask(address, body) {
  try {
    return await fetch(address, { method: "POST", body, credentials: "same-origin", cache: "no-store", headers: { "X-Comptoir-Sure": "1" }, signal: AbortSignal.timeout(10000) });
  } catch {
    return undefined;
  }
}

// A page that the browser kept and shows again is as it was when it was left: it is asked for anew.
addEventListener("pageshow", (event) => { if (event.persisted && document.querySelector("form[data-sure]")) location.reload(); });

// A held till that is tried again by itself: the page opens anew as soon as the till sells, or is held for another reason.

const pause = 3000; // ms
const { reason } = document.getElementById("stopped").dataset;

async function look() {
  const answer = await fetch("/healthz", { cache: "no-store" }).catch(() => null);
  const now = answer && !answer.ok ? (await answer.json().catch(() => ({}))).reason : "";
  if (answer && now !== reason) return location.reload();
  setTimeout(look, pause);
}

setTimeout(look, pause);

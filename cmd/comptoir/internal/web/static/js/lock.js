// A page that nobody has touched for the minutes the café has chosen asks for a PIN again. It says so before, and any
// touch keeps it. The server counts too: it is told of touches that send nothing else.

const announced = 30000, told = 45000; // ms: before it locks; between two words to the server
const after = Number(document.documentElement.dataset.lock) * 60000;
const others = self.BroadcastChannel ? new BroadcastChannel("touch") : null; // pages of this browser, which share the session
const strip = document.querySelector("#lock p");
let last = Date.now(), said = Date.now();

function touched() {
  const now = Date.now();
  if (now - last > 1000) others?.postMessage(now);
  last = now;
  strip.hidden = true;
  if (now - said < told) return;
  said = now;
  fetch("/awake", { method: "POST", headers: { "X-Fragment": "none" } }).catch(() => {});
}

function look() {
  const idle = Date.now() - last;
  const busy = document.querySelector(".waiting"); // taps are on their way: they arrive first
  strip.hidden = idle < after - announced;
  if (idle < after || busy) return;
  const form = document.getElementById("lock-now");
  form.elements.next.value = location.pathname + location.search;
  clearInterval(watch);
  form.submit();
}

const watch = setInterval(look, 1000);
for (const touch of ["pointerdown", "keydown", "wheel"]) addEventListener(touch, touched, { capture: true, passive: true });
if (others) others.onmessage = ({ data }) => { last = Math.max(last, data); strip.hidden = true; };
document.addEventListener("visibilitychange", look);

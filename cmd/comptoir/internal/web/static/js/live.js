// live follows the café's hints while the page is visible: "topic X is now version N". They carry no data; whoever
// cares fetches. The pages of one browser share a stream where the browser can share; a hidden page follows none.
// Other modules of the page hear a "hint" of each topic, and one of "" after each opening: they need no stream of their own.

export function live(url, hinted, returned = () => {}) {
  const tell = (topic) => document.dispatchEvent(new CustomEvent("hint", { detail: topic }));
  const heard = (data) => {
    const { topic, version } = JSON.parse(data);
    hinted(topic, version);
    tell(topic);
  };
  const opened = () => { returned(); tell(""); };
  const follow = self.SharedWorker ? shared : alone;
  const seen = follow(new URL(url, location.href).href, heard, opened);
  addEventListener("pagehide", () => seen(false));
  addEventListener("pageshow", () => seen(true));
  document.addEventListener("visibilitychange", () => seen(document.visibilityState !== "hidden"));
  seen(document.visibilityState !== "hidden");
}

// shared follows through the worker that all pages of this browser have in common. After each opening hints may have
// been missed: returned fetches.
function shared(url, heard, returned) {
  const { port } = new SharedWorker(new URL("./stream.js", import.meta.url), { name: "comptoir" });
  port.onmessage = ({ data }) => (data === "open" ? returned() : heard(data));
  return (seen) => port.postMessage({ url, seen });
}

function alone(url, heard, returned) {
  let source = null;
  return (seen) => {
    if (seen && !source) {
      source = new EventSource(url);
      source.onopen = returned;
      source.onmessage = ({ data }) => heard(data);
    } else if (!seen) {
      source?.close();
      source = null;
    }
  };
}

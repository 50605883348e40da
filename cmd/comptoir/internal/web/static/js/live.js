// live follows the café's hints while the page is visible: "topic X is now version N". It carries no data; whoever
// cares fetches. A hidden page holds no stream: browsers allow six to one server.

export function live(url, hinted, returned = () => {}) {
  let source = null;

  function open() {
    if (source || document.visibilityState === "hidden") return;
    source = new EventSource(url);
    source.onopen = returned; // hints may have been missed meanwhile
    source.onmessage = (event) => {
      const { topic, version } = JSON.parse(event.data);
      hinted(topic, version);
    };
  }

  function close() {
    source?.close();
    source = null;
  }

  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  document.addEventListener("visibilitychange", () => (document.visibilityState === "hidden" ? close() : open()));
  open();
}

// One stream for all pages of a browser: browsers allow six connections to one server, and a seventh page with a
// stream of its own would never load. A page says "open" while it is seen and "close" when it is not.

const again = 3000; // ms before a stream that was refused is asked for again
const pages = new Set();
let source = null, retry = 0;

const tell = (message) => { for (const page of pages) page.postMessage(message); };

function follow(url) {
  if (source || !pages.size) return;
  source = new EventSource(url);
  source.onopen = () => tell("open");
  source.onmessage = (event) => tell(event.data);
  source.onerror = () => {
    if (source?.readyState !== EventSource.CLOSED) return; // it tries again by itself
    source = null;
    clearTimeout(retry);
    retry = setTimeout(() => follow(url), again);
  };
}

function leave(page) {
  pages.delete(page);
  if (pages.size) return;
  clearTimeout(retry);
  source?.close();
  source = null;
}

onconnect = ({ ports: [page] }) => {
  page.onmessage = ({ data: { url, seen } }) => {
    if (!seen) return leave(page);
    pages.add(page);
    if (source?.readyState === EventSource.OPEN) page.postMessage("open");
    follow(url);
  };
};

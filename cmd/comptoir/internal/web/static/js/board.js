// The board reads itself again, without a stream (nothing live leaves the house) and without a flicker: the page is
// replaced only when it has changed. A screen that has lost the till says as of when it speaks. Without this file the
// page is as it was when it was opened.
(function () {
  "use strict";

  var wide = window.matchMedia("(min-width: 60rem)").matches; // a screen in the window, not a phone in a hand
  var every = wide ? 1000 : 30000; // ms between two looks
  var fresh = 60000; // ms after which the hour on the page is read again
  var lost = 30000; // ms without an answer before the screen says so
  var seen = ""; // the tag of the board that this page shows
  var readAt = Date.now(), heardAt = Date.now();

  // get hands over the request once it is answered, or null when it is not.
  function get(address, kind, tag, then) {
    var request = new XMLHttpRequest();
    request.open("GET", address);
    request.setRequestHeader("Accept", kind);
    if (tag) request.setRequestHeader("If-None-Match", tag);
    request.timeout = 5000;
    request.onload = function () { then(request.status === 200 || request.status === 304 ? request : null); };
    request.onerror = request.ontimeout = function () { then(null); };
    request.send();
  }

  function tell() {
    var old = Date.now() - heardAt > lost;
    document.getElementById("board").classList.toggle("old", old);
    document.getElementById("asof").hidden = !old;
    window.setTimeout(look, every);
  }

  function replace(text) {
    var now = new DOMParser().parseFromString(text, "text/html").getElementById("board");
    var board = document.getElementById("board");
    if (!now || board.contains(document.activeElement)) return false; // somebody chooses a language
    board.parentNode.replaceChild(document.importNode(now, true), board);
    readAt = Date.now();
    return true;
  }

  function look() {
    if (document.hidden) { window.setTimeout(look, every); return; }
    get("/board.json", "application/json", seen, function (board) {
      if (!board) { tell(); return; }
      heardAt = Date.now();
      var same = board.status === 304;
      if (same && heardAt - readAt < fresh) { tell(); return; }
      get(window.location.href, "text/html", "", function (page) {
        if (page && replace(page.responseText) && !same) seen = board.getResponseHeader("ETag") || "";
        tell();
      });
    });
  }

  window.setTimeout(look, every);
})();

// Small comforts of the customers' pages, in the words of old phones. Every page does its work without this file.
(function () {
  "use strict";

  function each(selector, does) {
    Array.prototype.forEach.call(document.querySelectorAll(selector), does);
  }

  // copy works on plain http too, where there is no clipboard API.
  function copy(text) {
    var field = document.createElement("textarea");
    field.value = text;
    field.setAttribute("readonly", "");
    document.body.appendChild(field);
    field.select();
    field.setSelectionRange(0, text.length);
    var done = false;
    try { done = document.execCommand("copy"); } catch (e) { done = false; }
    document.body.removeChild(field);
    return done;
  }

  each("[data-print]", function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });

  each("[data-share]", function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      var address = button.getAttribute("data-share");
      if (navigator.share) {
        navigator.share({ title: button.getAttribute("data-title"), url: address }).then(null, function () {});
        return;
      }
      if (copy(address)) button.textContent = button.getAttribute("data-copied");
      button.focus();
    });
  });
})();

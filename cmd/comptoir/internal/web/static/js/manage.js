// The form of a product grows and shrinks without leaving its page; without this file the server sends the whole page.

const form = document.querySelector("form[data-edited]");
form?.addEventListener("submit", async (event) => {
  const button = event.submitter;
  if (button?.name !== "edit") return;
  event.preventDefault();
  const typed = new FormData(form, button);
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(typed) });
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const parts = page.getElementById("parts");
    const start = parts.querySelector("[autofocus]")?.id;
    document.getElementById("parts").replaceWith(parts);
    if (start) document.getElementById(start).focus();
  } catch {
    const again = document.createElement("input"); // the server is asked in the plain way, and says what is wrong
    again.type = "hidden";
    again.name = "edit";
    again.value = button.value;
    form.append(again);
    form.submit();
  }
});

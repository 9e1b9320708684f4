// A form that is sent while files are on their way must not leave the page: that would cut them off. So it is sent from
// here, and the parts of the page it changes are taken from the answer. Without uploads, or without this script, the form
// is an ordinary one.
async function send(form, button) {
  const answer = await fetch(form.getAttribute("action"), {
    method: "POST",
    body: new URLSearchParams(new FormData(form, button)),
    headers: { Accept: "text/html" },
  });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!page.querySelector("[data-part]")) throw new Error("not the page that was expected");
  for (const part of document.querySelectorAll("[data-part]")) {
    const fresh = page.querySelector(`[data-part="${part.dataset.part}"]`);
    part.replaceChildren(...(fresh ? fresh.childNodes : []));
  }
  document.querySelector("main > .flash")?.remove();
  const told = page.querySelector("main > .flash");
  if (told) document.querySelector("main").prepend(told);
  document.title = page.title;
  document.dispatchEvent(new Event("parts-replaced"));
  listen();
  const next = document.querySelector(".field-wrong :is(input, select, textarea)") ?? document.querySelector("main");
  next.focus();
  scrollTo({ top: next.matches("main") ? 0 : scrollY });
}

function listen() {
  for (const form of document.querySelectorAll("form[data-in-place]:not([data-heard])")) {
    form.dataset.heard = "";
    form.addEventListener("submit", (event) => {
      if (!document.querySelector("[data-upload][data-busy]")) return;
      event.preventDefault();
      const button = event.submitter;
      if (form.ariaBusy === "true") return;
      form.ariaBusy = "true";
      send(form, button).catch(() => { form.ariaBusy = "false"; button.focus(); });
    });
  }
}

listen();

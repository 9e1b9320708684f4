// Shows the e-mail while it is being written: what "Show preview" does, without leaving the form.
const form = document.getElementById("email-form");
const WAIT = 400; // ms after the last key

let timer = 0;
let asked = 0;

async function show() {
  const mine = ++asked;
  const data = new URLSearchParams(new FormData(form));
  data.set("action", "preview");
  // form.action would be the buttons of that name.
  const answer = await fetch(form.getAttribute("action"), { method: "POST", body: data, headers: { Accept: "text/html" } });
  if (mine !== asked) return; // a later text is already under way
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("preview");
  if (!fresh) return;
  const wrong = page.querySelector(".error");
  const note = document.createElement("p");
  note.className = "error";
  note.textContent = wrong?.textContent ?? "";
  document.getElementById("preview").replaceChildren(...fresh.childNodes, ...(wrong ? [note] : []));
}

form?.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(() => show().catch(() => {}), WAIT);
});

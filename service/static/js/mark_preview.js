// Shows the mark while it is being typed. Without scripts the "Show preview" button does the same.
const form = document.getElementById("mark-form");
const picture = document.getElementById("mark-preview");
const note = document.getElementById("mark-preview-note");
const WAIT = 400; // ms after the last key: each preview is drawn by the server

let timer = 0;
let shown = picture?.getAttribute("src") ?? "";

function address() {
  const data = new FormData(form);
  const query = new URLSearchParams();
  for (const name of ["text", "strength", "delivery"]) query.set(name, data.get(name) ?? "");
  return `/settings/mark/preview.jpg?${query}`;
}

function show() {
  const next = address();
  if (next === shown) return;
  shown = next;
  const loading = new Image();
  loading.onload = () => {
    if (next !== shown) return; // a later choice is already under way
    picture.src = loading.src;
    note.hidden = true;
  };
  loading.onerror = () => {
    if (next !== shown) return;
    note.textContent = note.dataset.failed;
    note.hidden = false;
    shown = "";
  };
  loading.src = next;
}

if (form && picture) {
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, WAIT);
  });
}

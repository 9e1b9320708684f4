// Choosing many files: all at once, and how many they are. Without this script each is chosen by its own box.
const form = document.querySelector("[data-many]");

if (form) {
  const boxes = [...document.querySelectorAll('input[name="asset"][form="many"]')];
  const all = form.querySelector("[data-all]");
  const count = form.querySelector("[data-many-count]");
  const show = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    all.checked = chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
    count.textContent = chosen ? count.dataset.words.replace("{count}", chosen) : "";
    if (chosen) form.querySelector("details").open = true;
  };
  form.querySelector("[data-many-all]").hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    show();
  });
  for (const box of boxes) box.addEventListener("change", show);
  show();
}

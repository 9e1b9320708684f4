// Adds a Copy button beside everything marked data-copy. Without this script the text can be selected.
const words = document.querySelector("script[data-copy-word]").dataset;

function labelOf(element) {
  if (element.labels?.length) return element.labels[0].textContent.trim();
  return element.closest("dl > div")?.querySelector("dt")?.textContent.trim() ?? "";
}

function offer(element) {
  const button = document.createElement("button");
  const label = labelOf(element);
  const name = (word) => (label ? `${word}: ${label}` : word);
  button.type = "button";
  button.className = "button button-quiet button-copy";
  button.textContent = words.copyWord;
  button.setAttribute("aria-label", name(words.copyWord));
  const status = document.createElement("span");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(element.dataset.copy);
    } catch {
      select(element);
      return;
    }
    button.textContent = words.copiedWord;
    status.textContent = name(words.copiedWord);
    setTimeout(() => {
      button.textContent = words.copyWord;
      status.textContent = "";
    }, 2000);
  });
  const definition = element.closest("dd");
  if (definition) definition.append(button, status);
  else element.after(button, status);
}

// Where the browser gives no clipboard (plain http), the text is selected, ready to be copied by hand.
function select(element) {
  if (element instanceof HTMLInputElement) return element.select();
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
}

function offerAll() {
  for (const element of document.querySelectorAll("[data-copy]:not([data-offered])")) {
    element.dataset.offered = "";
    offer(element);
  }
}

if (navigator.clipboard || getSelection) {
  offerAll();
  document.addEventListener("parts-replaced", offerAll);
}

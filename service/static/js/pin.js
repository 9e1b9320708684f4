// A touch or click on the picture pins the comment to that spot. Without this script the form asks for a part of it.
const form = document.querySelector("[data-pin-form]");
const pins = document.querySelector("[data-pins]");

if (form && pins) {
  const { x, y, text, area } = form.elements;
  const [, , width, height] = pins.getAttribute("viewBox").split(" ").map(Number);
  form.querySelector("[data-pin-hint]").hidden = false;
  let mark;
  pins.addEventListener("click", (event) => {
    const box = pins.getBoundingClientRect();
    const part = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    [x.value, y.value] = part.map((p) => String(Math.round(1000 * Math.min(1, Math.max(0, p)))));
    mark ??= pins.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "circle"));
    mark.setAttribute("class", "pin-new");
    mark.setAttribute("cx", String((x.value * width) / 1000));
    mark.setAttribute("cy", String((y.value * height) / 1000));
    mark.setAttribute("r", String(Math.max(width, height) / 60));
    area.value = "";
    area.closest(".field").hidden = true;
    text.focus({ preventScroll: false });
  });
}

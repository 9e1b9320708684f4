// Two versions one over the other with a slider between them. Without this script both stand beside or under each other.
const pair = document.querySelector("[data-compare]");
const slide = document.querySelector("[data-compare-slide]");
const choice = document.querySelector("[data-compare-choice]");
const cut = slide?.querySelector("input");

function show(mode) {
  const over = mode === "over";
  pair.classList.toggle("compare-over", over);
  slide.hidden = !over;
  for (const button of choice.children) button.setAttribute("aria-pressed", String(button.dataset.compareMode === mode));
  move();
}

// The share of the newer picture, from its right edge.
function move() {
  pair.style.setProperty("--cut", `${100 - cut.value}%`);
}

if (pair && cut && choice) {
  choice.hidden = false;
  choice.addEventListener("click", (event) => {
    const mode = event.target.closest("[data-compare-mode]")?.dataset.compareMode;
    if (mode) show(mode);
  });
  cut.addEventListener("input", move);
  // A finger or pointer on the picture moves the slider, too.
  const follow = (event) => {
    if (!pair.classList.contains("compare-over") || (event.pointerType === "mouse" && !event.buttons)) return;
    const box = pair.getBoundingClientRect();
    cut.value = String(Math.round(100 - (100 * (event.clientX - box.left)) / box.width));
    move();
  };
  pair.addEventListener("pointerdown", follow);
  pair.addEventListener("pointermove", follow);
}

// The moment that is playing goes into the comment with one press, and a comment's moment plays with one. Without this script
// the moment is typed, and a comment's moment opens the clip by itself, at that moment.
const form = document.querySelector("[data-moment-form]");
const player = document.querySelector("[data-player]");

if (form && player) {
  const { moment, text } = form.elements;
  const now = form.querySelector("[data-moment-now]");
  const shown = now.querySelector("span");
  player.addEventListener("timeupdate", () => {
    const seconds = Math.floor(player.currentTime);
    shown.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    now.hidden = false;
  });
  now.addEventListener("click", () => {
    player.pause();
    moment.value = shown.textContent;
    text.focus();
  });
  for (const link of document.querySelectorAll("[data-moment-at]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      player.currentTime = Number(link.dataset.momentAt) / 1000;
      player.scrollIntoView({ block: "nearest" });
      player.play().catch(() => player.focus());
    });
  }
}

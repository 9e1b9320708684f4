// Until a preview has come, its colours: a ThumbHash of the marked picture, drawn where the picture will be.
// Without this script there is a plain tone.
import { thumbHashToRGBA } from "../vendor/thumbhash/thumbhash.js";

const draw = (image) => {
  const { w, h, rgba } = thumbHashToRGBA(Uint8Array.from(atob(image.dataset.blur), (one) => one.charCodeAt(0)));
  const canvas = Object.assign(document.createElement("canvas"), { width: w, height: h, className: "blur" });
  canvas.ariaHidden = "true";
  canvas.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray(rgba), w, h), 0, 0);
  image.before(canvas);
  for (const end of ["load", "error"]) image.addEventListener(end, () => canvas.remove(), { once: true });
};

// Only what comes near the screen is drawn: sixty at once would keep a phone busy.
const near = new IntersectionObserver((seen) => {
  for (const { target, isIntersecting } of seen) {
    if (!isIntersecting) continue;
    near.unobserve(target);
    if (!target.complete) draw(target);
  }
}, { rootMargin: "50% 0%" });
for (const image of document.querySelectorAll("img[data-blur]")) near.observe(image);

// Full-screen viewer over the grid of previews: swipe, pinch, arrow keys, Esc, focus returned.
// Without this script each picture opens on a page of its own.
import PhotoSwipeLightbox from "../vendor/photoswipe/photoswipe-lightbox.esm.min.js";

const grid = document.querySelector("[data-gallery]");

if (grid) {
  const words = grid.dataset;
  // The viewer's style comes with its script, so that the page does not wait for it. Ours stands after it in the cascade
  // by being more particular.
  document.head.prepend(Object.assign(document.createElement("link"), { rel: "stylesheet", href: words.style }));
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const lightbox = new PhotoSwipeLightbox({
    gallery: grid,
    children: "a[data-pswp-src]",
    pswpModule: () => import("../vendor/photoswipe/photoswipe.esm.min.js"),
    bgOpacity: 0.94,
    loop: false,
    showHideAnimationType: still ? "none" : "zoom",
    zoomAnimationDuration: still ? 0 : 220,
    closeTitle: words.close,
    zoomTitle: words.zoom,
    arrowPrevTitle: words.previous,
    arrowNextTitle: words.next,
    errorMsg: words.error,
  });
  lightbox.addFilter("itemData", (data) => {
    const image = data.element?.querySelector("img");
    // A page of sixty is a fifth smaller when the addresses in the grid's picture are not said twice.
    const srcset = image && data.srcset === undefined ? `${image.srcset}, ${data.src} ${data.width}w` : data.srcset;
    return image ? { ...data, srcset, alt: image.alt, msrc: image.currentSrc || image.src } : { ...data, alt: data.element?.textContent.trim() };
  });
  lightbox.on("afterInit", () => lightbox.pswp.element.setAttribute("aria-label", words.label));
  // From the full view to the page of that preview, where it can be commented on and answered.
  lightbox.on("uiRegister", () => {
    lightbox.pswp.ui.registerElement({
      name: "comment",
      order: 8,
      tagName: "a",
      html: words.comment,
      onInit: (link, viewer) => viewer.on("change", () => {
        link.href = viewer.currSlide.data.element.href;
      }),
    });
  });
  lightbox.init();
}

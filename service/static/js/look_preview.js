// Shows the chosen colour in the small pictures at once; the same arithmetic as service/kit/colours.py.
const field = document.getElementById("f-colour");

const channels = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

function luminance(colour) {
  const [r, g, b] = channels(colour).map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function readable(colour, ground) {
  const towards = channels(luminance(ground) > 0.18 ? "#000000" : "#ffffff");
  for (let part = 0; part <= 100; part++) {
    const mixed = channels(colour).map((c, i) => Math.round(c + ((towards[i] - c) * part) / 100));
    const text = `#${mixed.map((c) => c.toString(16).padStart(2, "0")).join("")}`;
    if (contrast(text, ground) >= 4.5) return text;
  }
  return `#${towards.map((c) => c.toString(16).padStart(2, "0")).join("")}`;
}

field?.addEventListener("input", () => {
  for (const picture of document.querySelectorAll("[data-ground]")) {
    const accent = readable(field.value, picture.dataset.ground);
    const ink = contrast(accent, "#ffffff") >= contrast(accent, "#000000") ? "#ffffff" : "#000000";
    for (const part of picture.querySelectorAll("[data-look]")) part.setAttribute("fill", part.dataset.look === "ink" ? ink : accent);
  }
});

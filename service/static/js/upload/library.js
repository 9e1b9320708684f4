// tus-js-client, fetched once the page stands: who only looks at it never waits for it.

let coming = null;

export function library(address) {
  coming ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.addEventListener("load", () => resolve(window.tus));
    script.addEventListener("error", () => {
      coming = null; // the connection was lost: the next one who asks tries again
      script.remove();
      reject(new Error(address));
    });
    document.head.append(script);
  });
  return coming;
}

export function fetchLater(address) {
  const fetchNow = () => library(address).catch(() => {});
  if (document.readyState === "complete") fetchNow();
  else window.addEventListener("load", fetchNow, { once: true });
}

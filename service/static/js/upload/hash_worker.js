// SHA-256 of a file, a few megabytes at a time, away from the page. Works without a secure context, unlike the
// browser's own, and in constant memory.

import { sha256 } from "/static/vendor/noble/sha2.js";

const PIECE = 4 * 1024 * 1024;

self.addEventListener("message", async ({ data: { id, file } }) => {
  try {
    const hash = sha256.create();
    for (let at = 0; at < file.size; at += PIECE) {
      hash.update(new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer()));
    }
    const digest = [...hash.digest()].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    self.postMessage({ id, digest });
  } catch (error) {
    self.postMessage({ id, problem: String(error) });
  }
});

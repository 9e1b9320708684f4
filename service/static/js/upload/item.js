// One file on its way: its row on the page and its tus upload.
// state: waiting | looking | sending | paused | done | here (was there already) | failed

import { library } from "./library.js";

const PIECE = 32 * 1024 * 1024;
const SILENT = 60_000; // milliseconds without a sign of life after which a connection is taken for dead
const DELAYS = [0, 500, 1000, 2000, 3000, 4000, 5000, 5000, 5000, 5000, 5000, 10000, 10000, 10000, 10000, 20000, 20000];

export class Item {
  constructor(queue, file, path) {
    this.queue = queue;
    this.file = file;
    this.path = path;
    this.sent = 0;
    this.state = "waiting";
    this.key = freshKey();
    this.place = null;
    this.turn = 0;
    this.build();
    this.show(queue.word("waiting"));
  }

  get name() {
    return this.path ? `${this.path}/${this.file.name}` : this.file.name;
  }

  get active() {
    return this.state === "sending" || this.state === "looking";
  }

  get open() {
    return this.active || this.state === "waiting" || this.state === "paused";
  }

  build() {
    this.row = make("li", "row");
    this.row.append((this.label = make("span", "row-name")), (this.words = make("span", "upload-state quiet")));
    this.label.textContent = this.name;
    this.row.append((this.bar = make("progress")));
    this.bar.max = Math.max(1, this.file.size);
    this.bar.setAttribute("aria-label", this.name);
  }

  show(words) {
    const failed = this.state === "failed";
    this.words.textContent = words;
    this.words.classList.toggle("upload-failed", failed);
    this.words.classList.toggle("quiet", !failed);
    this.bar.hidden = failed || this.state === "done" || this.state === "here";
    this.bar.value = this.sent;
  }

  // Looks first whether the file is here already or was begun, then sends what is missing.
  async start() {
    const { file, queue } = this;
    if (file.size === 0) return this.fail(queue.word("empty"), false);
    if (file.size > queue.max) return this.fail(queue.word("large"), false);
    if (this.upload) return this.go();
    this.state = "looking";
    this.show(queue.word("looking"));
    this.tier = queue.tier();
    const turn = (this.turn += 1);
    let here = false;
    try {
      here = await queue.known.has(file);
    } catch {
      if (turn === this.turn) this.fail(queue.word("unread"), true);
      return;
    }
    if (this.state !== "looking" || turn !== this.turn) return; // paused meanwhile, and perhaps begun again
    if (here) return this.end("here", queue.word("here"));
    let tus;
    try {
      tus = await library(queue.library);
    } catch {
      if (turn === this.turn) this.fail(queue.word("network"), true);
      return;
    }
    if (this.state !== "looking" || turn !== this.turn) return;
    this.upload = new tus.Upload(file, this.options());
    this.go();
  }

  go() {
    this.state = "sending";
    this.heardAt = performance.now();
    this.upload.start();
  }

  // Browsers wait for ever on a line that died without saying so.
  async wake() {
    if (this.state !== "sending" || performance.now() - this.heardAt < SILENT) return;
    const upload = this.upload;
    this.heardAt = performance.now();
    await upload.abort();
    if (this.state === "sending" && this.upload === upload) upload.start();
  }

  options() {
    const { file, queue, path, tier } = this;
    const begun = queue.known.begun(file, path, tier);
    if (begun) this.sent = begun.offset;
    return {
      endpoint: queue.endpoint,
      uploadUrl: begun?.url ?? this.place,
      uploadSize: file.size,
      chunkSize: PIECE,
      retryDelays: DELAYS,
      storeFingerprintForResuming: false, // the server knows what was begun, whatever this browser forgets
      headers: { "X-CSRF-Token": queue.token, Accept: "application/json" },
      metadata: {
        delivery: queue.delivery, filename: file.name, path, tier, modified: String(file.lastModified),
      },
      onBeforeRequest: (request) => {
        this.heardAt = performance.now();
        if (request.getMethod() === "POST") request.setHeader("Idempotency-Key", this.key);
      },
      onAfterResponse: (request, response) => this.mind(request, response),
      onShouldRetry: (error) => passing(error.originalResponse?.getStatus() ?? 0),
      onProgress: (sent) => this.progress(sent),
      onUploadUrlAvailable: () => queue.stepDone(this),
      onSuccess: () => this.end("done", queue.word("done")),
      onError: (error) => this.broken(error),
    };
  }

  // tus-js-client begins a new upload when it cannot learn where the old one stands. That is right only where the
  // server says that there is none; otherwise it must ask again.
  mind(request, response) {
    const status = response.getStatus();
    this.heardAt = performance.now();
    if (request.getMethod() !== "HEAD" || (status >= 200 && status < 300)) return;
    if (status === 404 || status === 410) this.key = freshKey();
    else if (status !== 423) throw new Error(`HEAD: ${status}`);
  }

  progress(sent) {
    if (this.state !== "sending") return;
    this.sent = sent;
    this.heardAt = performance.now();
    const { queue, file } = this;
    this.show(sent < file.size ? `${queue.word("sending")}: ${queue.bytes(sent, file.size)}` : queue.word("keeping"));
    queue.showTotal();
  }

  broken(error) {
    const response = error.originalResponse;
    const lost = response?.getStatus() === 404 || response?.getStatus() === 410;
    this.place = lost ? null : this.upload.url;
    if (lost) this.key = freshKey();
    this.upload = null;
    this.fail(said(response) || this.queue.word(response ? "failed" : "network"), true);
  }

  pause() {
    if (!this.open) return;
    if (this.state === "sending") this.upload.abort();
    this.state = "paused";
    this.show(this.queue.word("paused"));
  }

  resume() {
    if (this.state !== "paused") return;
    this.state = "waiting";
    this.show(this.queue.word("waiting"));
  }

  end(state, words) {
    this.state = state;
    this.sent = this.file.size;
    this.upload = null;
    this.show(words);
    this.queue.ended(this);
  }

  fail(message, retryable) {
    this.state = "failed";
    this.retryable = retryable;
    this.show(message);
    if (retryable) this.row.append((this.button ??= this.retryButton()));
    this.queue.ended(this, message);
  }

  // Again, from where it stopped; with another handle on the same file when there is one.
  retry(file = this.file) {
    this.file = file;
    this.button?.remove();
    this.state = "waiting";
    this.show(this.queue.word("waiting"));
  }

  retryButton() {
    const button = make("button", "button button-quiet");
    button.type = "button";
    button.textContent = this.queue.word("retry");
    button.setAttribute("aria-label", `${this.queue.word("retry")}: ${this.name}`);
    button.addEventListener("click", () => this.queue.again([this]));
    return button;
  }
}

function passing(status) {
  return status === 0 || status === 408 || status === 409 || status === 423 || status === 429 || status === 460 || status >= 500;
}

function said(response) {
  try {
    return JSON.parse(response.getBody()).detail;
  } catch {
    return "";
  }
}

function make(name, className = "") {
  const element = document.createElement(name);
  element.className = className;
  return element;
}

function freshKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

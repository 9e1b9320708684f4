// Uploads each chosen or dropped file by itself, one after the other, with its progress, its failure and a retry.
// Without this script the same form sends all files in one go.

const AT_ONCE = 1; // the client sees the files in the order in which they arrive, and that should be the chosen one

class Upload {
  constructor(queue, file) {
    this.queue = queue;
    this.file = file;
    this.sent = 0;
    this.state = "waiting";
    this.row = document.createElement("li");
    this.row.className = "row";
    this.name = this.row.appendChild(document.createElement("span"));
    this.name.className = "row-name";
    this.name.textContent = file.name;
    this.words = this.row.appendChild(document.createElement("span"));
    this.words.className = "upload-state quiet";
    this.bar = this.row.appendChild(document.createElement("progress"));
    this.bar.max = Math.max(1, file.size);
    this.bar.value = 0;
    this.bar.setAttribute("aria-label", file.name);
    this.show(queue.word("waiting"));
  }

  show(words, failed = false) {
    this.words.textContent = words;
    this.words.classList.toggle("upload-failed", failed);
    this.words.classList.toggle("quiet", !failed);
    this.bar.hidden = failed || this.state === "done";
    this.bar.value = this.sent;
  }

  start() {
    const { file, queue } = this;
    if (file.size === 0) return this.fail(queue.word("empty"), false);
    if (file.size > queue.max) return this.fail(queue.word("large"), false);
    this.state = "sending";
    const body = new FormData();
    body.append("tier", queue.tier());
    body.append("file", file, file.name);
    const request = new XMLHttpRequest();
    request.open("POST", queue.address);
    request.responseType = "json";
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRF-Token", queue.token);
    request.upload.onprogress = (event) => {
      this.sent = Math.min(file.size, event.loaded);
      const sending = this.sent < file.size;
      this.show(sending ? `${queue.word("sending")}: ${queue.bytes(this.sent, file.size)}` : queue.word("keeping"));
      queue.showTotal();
    };
    request.onload = () => {
      if (request.status === 201) return this.done();
      this.fail(request.response?.detail || queue.word("failed"), true);
    };
    request.onerror = request.onabort = request.ontimeout = () => this.fail(queue.word("network"), true);
    request.send(body);
  }

  done() {
    this.state = "done";
    this.sent = this.file.size;
    this.show(this.queue.word("done"));
    this.queue.ended(this);
  }

  fail(message, retryable) {
    this.state = "failed";
    this.sent = 0;
    this.show(message, true);
    if (retryable) this.row.appendChild(this.retryButton());
    this.queue.ended(this, message);
  }

  retryButton() {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button-quiet";
    button.textContent = this.queue.word("retry");
    button.setAttribute("aria-label", `${this.queue.word("retry")}: ${this.file.name}`);
    button.addEventListener("click", () => {
      button.remove();
      this.state = "waiting";
      this.show(this.queue.word("waiting"));
      this.queue.next();
    });
    return button;
  }
}

class Queue {
  constructor(form) {
    this.form = form;
    this.address = form.getAttribute("action");
    this.token = form.dataset.token;
    this.max = Number(form.dataset.max);
    this.uploads = [];
    this.part = (name) => form.querySelector(`[data-${name}]`);
    this.numbers = new Intl.NumberFormat(form.dataset.locale, { maximumFractionDigits: 1 });
    this.listen();
  }

  word(name) {
    return this.form.dataset[`word${name[0].toUpperCase()}${name.slice(1)}`];
  }

  tier() {
    return this.form.elements.tier.value;
  }

  size(count) {
    const units = ["B", "kB", "MB", "GB", "TB"];
    let unit = 0;
    while (count >= 1000 && unit < units.length - 1) { count /= 1000; unit += 1; }
    return `${this.numbers.format(count)}\u00a0${units[unit]}`;
  }

  bytes(sent, size) {
    return this.word("bytes").replace("{sent}", this.size(sent)).replace("{size}", this.size(size));
  }

  listen() {
    const input = this.form.elements.file;
    const drop = this.part("drop");
    this.part("upload-button").hidden = true;
    this.part("drop-hint").hidden = false;
    input.required = false;
    input.addEventListener("change", () => { this.add(input.files); input.value = ""; });
    this.form.addEventListener("submit", (event) => event.preventDefault());
    for (const kind of ["dragenter", "dragover"]) {
      drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("drop-over"); });
    }
    for (const kind of ["dragleave", "drop"]) {
      drop.addEventListener(kind, () => drop.classList.remove("drop-over"));
    }
    drop.addEventListener("drop", (event) => { event.preventDefault(); this.add(event.dataTransfer.files); });
    this.part("show").addEventListener("click", (event) => { event.preventDefault(); window.location.reload(); });
    window.addEventListener("beforeunload", (event) => { if (this.busy()) event.preventDefault(); });
  }

  add(files) {
    for (const file of files) {
      const upload = new Upload(this, file);
      this.uploads.push(upload);
      this.part("list").append(upload.row);
    }
    this.next();
  }

  next() {
    this.part("uploads").hidden = this.uploads.length === 0;
    const waiting = this.uploads.filter((upload) => upload.state === "waiting");
    const room = AT_ONCE - this.uploads.filter((upload) => upload.state === "sending").length;
    for (const upload of waiting.slice(0, Math.max(0, room))) upload.start();
    this.showTotal();
  }

  busy() {
    return this.uploads.some((upload) => upload.state === "waiting" || upload.state === "sending");
  }

  ended(upload, problem = "") {
    if (problem) this.say(`${upload.file.name}: ${problem}`);
    this.next();
    if (this.busy()) return;
    const failed = this.uploads.some((other) => other.state === "failed");
    const anyDone = this.uploads.some((other) => other.state === "done");
    if (!problem) this.say(failed ? this.word("problems") : this.totalWords());
    const show = this.part("show");
    show.textContent = this.word(failed ? "some" : "finished");
    this.part("finished").hidden = !anyDone;
  }

  totalWords() {
    const done = this.uploads.filter((upload) => upload.state === "done").length;
    return this.word("total").replace("{done}", done).replace("{all}", this.uploads.length);
  }

  showTotal() {
    const bar = this.part("total");
    bar.max = Math.max(1, this.uploads.reduce((sum, upload) => sum + upload.file.size, 0));
    bar.value = this.uploads.reduce((sum, upload) => sum + upload.sent, 0);
    this.part("total-words").textContent = this.totalWords();
    if (this.busy()) this.part("finished").hidden = true;
  }

  say(words) {
    this.part("say").textContent = words;
  }
}

for (const form of document.querySelectorAll("form[data-upload]")) new Queue(form);

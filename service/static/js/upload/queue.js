// All files of one form: which go now, how far all of them are, and what is said about it.

import { chosen, dropped } from "./files.js";
import { Item } from "./item.js";
import { Known } from "./known.js";
import { fetchLater } from "./library.js";
import { Pace } from "./pace.js";

const AT_ONCE = 3; // the server keeps them in the order in which they begin, which is the chosen one
const SPOKEN_EVERY = 15_000;

export class Queue {
  constructor(form) {
    this.form = form;
    const { token, max, delivery, endpoint, locale, worker, library } = form.dataset;
    Object.assign(this, { token, max: Number(max), delivery, endpoint, library });
    this.items = [];
    this.paused = false;
    this.beginning = null;
    this.spokenAt = 0;
    this.pace = new Pace();
    this.known = new Known(endpoint, delivery, worker);
    this.numbers = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
    this.part = (name) => form.querySelector(`[data-${name}]`);
    this.listen();
    fetchLater(library);
    this.showInterrupted();
  }

  word(name) {
    return this.form.dataset[`word${name[0].toUpperCase()}${name.slice(1)}`];
  }

  tier() {
    return this.form.elements.tier.value;
  }

  size(count) {
    const units = this.word("units").split(" ");
    let unit = 0;
    while (count >= 1000 && unit < units.length - 1) { count /= 1000; unit += 1; }
    return `${this.numbers.format(count)}\u00a0${units[unit]}`;
  }

  bytes(sent, size) {
    return this.word("bytes").replace("{sent}", this.size(sent)).replace("{size}", this.size(size));
  }

  listen() {
    const { file } = this.form.elements;
    this.part("upload-button").hidden = true;
    this.part("with-script").hidden = false;
    file.required = false;
    file.addEventListener("change", () => { this.add(chosen(file.files)); file.value = ""; });
    const folder = this.part("folder");
    folder.addEventListener("change", () => { this.add(chosen(folder.files)); folder.value = ""; });
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.listenToDrops(this.part("drop"));
    this.part("pause").addEventListener("click", () => this.pauseOrGoOn());
    this.part("again").addEventListener("click", () => this.again(this.failed()));
    this.part("forget").addEventListener("click", () => this.forget());
    this.part("show").addEventListener("click", (event) => { event.preventDefault(); window.location.reload(); });
    window.addEventListener("beforeunload", (event) => { if (this.busy()) event.preventDefault(); });
    window.addEventListener("online", () => this.again(this.failed()));
    window.setInterval(() => { for (const item of this.items) item.wake(); }, 5_000);
  }

  listenToDrops(drop) {
    const over = (event) => { event.preventDefault(); drop.classList.add("drop-over"); };
    drop.addEventListener("dragenter", over);
    drop.addEventListener("dragover", over);
    drop.addEventListener("dragleave", (event) => {
      if (!drop.contains(event.relatedTarget)) drop.classList.remove("drop-over");
    });
    drop.addEventListener("drop", async (event) => {
      event.preventDefault();
      drop.classList.remove("drop-over");
      this.add(await dropped(event.dataTransfer));
    });
  }

  async add(files) {
    for (const { file, path } of files) this.take(file, path);
    this.part("uploads").hidden = this.items.length === 0;
    this.part("interrupted").hidden = true;
    this.showTotal();
    try {
      if (!this.items.some((item) => item.active)) await this.known.refresh();
    } catch {
      // without it nothing is skipped, and everything still arrives
    }
    this.next();
  }

  // The same file given twice is one; one that failed goes on with the new handle.
  take(file, path) {
    const name = path ? `${path}/${file.name}` : file.name;
    const same = this.items.find(
      (item) => item.name === name && item.file.size === file.size && item.file.lastModified === file.lastModified,
    );
    if (same?.state === "failed") same.retry(file);
    if (same) return;
    const item = new Item(this, file, path);
    this.items.push(item);
    this.part("list").append(item.row);
  }

  // One begins after the other, so that the server numbers them in their order; then several send at once.
  next() {
    if (!this.paused && !this.beginning && this.items.filter((item) => item.active).length < AT_ONCE) {
      const item = this.items.find(({ state }) => state === "waiting");
      if (item) {
        this.beginning = item;
        item.start();
      }
    }
    this.showTotal();
  }

  // The server has taken note of this file, or it has failed: the next one may begin. Another's end says nothing of that.
  stepDone(item) {
    if (this.beginning === item) this.beginning = null;
    this.next();
  }

  failed() {
    return this.items.filter((item) => item.state === "failed" && item.retryable);
  }

  again(items) {
    for (const item of items) item.retry();
    if (items.length) this.add([]);
  }

  pauseOrGoOn() {
    this.paused = !this.paused;
    this.beginning = null;
    this.pace.reset();
    for (const item of this.items) this.paused ? item.pause() : item.resume();
    this.say(this.word(this.paused ? "saidPaused" : "saidResumed"));
    this.next();
  }

  busy() {
    return this.items.some((item) => item.open);
  }

  ended(item, problem = "") {
    if (problem) this.say(`${item.name}: ${problem}`);
    this.stepDone(item);
    if (this.busy()) return;
    if (!problem) this.say(this.failed().length ? this.word("problems") : this.totalWords());
  }

  async showInterrupted() {
    try {
      await this.known.refresh();
    } catch {
      return; // signed out or offline: the next action will say so
    }
    const count = this.known.items.length;
    if (!count || this.items.length) return;
    this.part("interrupted").hidden = false;
    this.part("interrupted-words").textContent = this.word("interrupted").replace("{count}", count);
  }

  async forget() {
    const headers = { "Tus-Resumable": "1.0.0", "X-CSRF-Token": this.token };
    for (const { url } of this.known.items) await fetch(url, { method: "DELETE", headers });
    this.known.items = [];
    this.part("interrupted").hidden = true;
    this.form.elements.file.focus();
    this.say(this.word("forgotten"));
  }

  totalWords() {
    const done = this.items.filter(({ state }) => state === "done" || state === "here").length;
    return this.word("total").replace("{done}", done).replace("{all}", this.items.length);
  }

  showTotal() {
    const size = this.items.reduce((sum, item) => sum + item.file.size, 0);
    const sent = this.items.reduce((sum, item) => sum + item.sent, 0);
    const open = this.busy();
    this.form.toggleAttribute("data-busy", open);
    const bar = this.part("total");
    bar.max = Math.max(1, size);
    bar.value = sent;
    this.pace.note(sent);
    const words = [this.totalWords(), this.bytes(sent, size)];
    if (open) words.push(this.paused ? this.word("paused") : this.leftWords(size - sent));
    this.part("total-words").textContent = words.filter(Boolean).join(" · ");
    this.showButtons(open);
    if (open && !this.paused && performance.now() - this.spokenAt > SPOKEN_EVERY) this.say(words.join(", "));
  }

  showButtons(open) {
    const failed = this.failed().length;
    const pause = this.part("pause");
    pause.hidden = !open;
    pause.textContent = this.word(this.paused ? "resume" : "pause");
    const again = this.part("again");
    again.hidden = !failed;
    again.textContent = this.word("again").replace("{count}", failed);
    const kept = this.items.some(({ state }) => state === "done");
    this.part("finished").hidden = open || !kept;
    this.part("show").textContent = this.word(this.items.some(({ state }) => state === "failed") ? "some" : "finished");
  }

  leftWords(left) {
    const seconds = this.pace.seconds(left);
    if (seconds === null) return "";
    if (seconds < 60) return this.word("soon");
    const [name, count] = seconds < 5400 ? ["minutes", seconds / 60] : ["hours", seconds / 3600];
    return this.word(name).replace("{count}", this.numbers.format(name === "hours" ? count : Math.ceil(count)));
  }

  say(words) {
    this.spokenAt = performance.now();
    this.part("say").textContent = words;
  }
}

// What the server has of this delivery: uploads that stopped halfway, and files that are kept already.

export class Known {
  constructor(address, delivery, workerAddress) {
    this.address = `${address}?delivery=${encodeURIComponent(delivery)}`;
    this.workerAddress = workerAddress;
    this.items = [];
    this.kept = [];
    this.asked = new Map();
  }

  async refresh() {
    const answer = await fetch(this.address, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    ({ items: this.items, kept: this.kept } = await answer.json());
  }

  // The upload that this very file was begun with: same name, folder, size, time and tier. Each counts once.
  begun(file, path, tier) {
    const at = this.items.findIndex(
      ({ given, size }) =>
        size === file.size &&
        given.filename === file.name &&
        (given.path || "") === path &&
        given.modified === String(file.lastModified) &&
        (given.tier || "final") === tier,
    );
    return at < 0 ? null : this.items.splice(at, 1)[0];
  }

  // Whether these bytes are in the delivery. Only a file of a size that is there is read.
  async has(file) {
    const alike = this.kept.filter(({ size }) => size === file.size);
    if (!alike.length) return false;
    const digest = await this.digest(file);
    return alike.some(({ sha256 }) => sha256 === digest);
  }

  digest(file) {
    this.worker ??= this.hire();
    return new Promise((done, failed) => {
      const id = this.asked.size + Math.random();
      this.asked.set(id, { done, failed });
      this.worker.postMessage({ id, file });
    });
  }

  hire() {
    const worker = new Worker(this.workerAddress, { type: "module" });
    worker.addEventListener("message", ({ data: { id, digest, problem } }) => {
      const { done, failed } = this.asked.get(id);
      this.asked.delete(id);
      if (digest) done(digest);
      else failed(new Error(problem));
    });
    worker.addEventListener("error", (event) => {
      for (const { failed } of this.asked.values()) failed(new Error(event.message));
      this.asked.clear();
    });
    return worker;
  }
}

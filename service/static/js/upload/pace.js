// How fast it goes, over the last half minute, and so how long the rest will take.

const WINDOW = 30_000;
const ENOUGH = 3_000;

export class Pace {
  constructor() {
    this.reset();
  }

  reset() {
    this.marks = [];
  }

  note(sent) {
    const now = performance.now();
    this.marks.push([now, sent]);
    while (this.marks.length > 2 && now - this.marks[0][0] > WINDOW) this.marks.shift();
  }

  // Seconds for so many bytes more; null while nobody can know.
  seconds(left) {
    if (this.marks.length < 2) return null;
    const [[since, before], [now, sent]] = [this.marks[0], this.marks[this.marks.length - 1]];
    return now - since < ENOUGH || sent <= before ? null : (left * (now - since)) / (sent - before) / 1000;
  }
}

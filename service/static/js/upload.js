// Uploads that survive: every file by tus, some at once, each with its progress, its failure and a retry. What was
// interrupted, by a lost connection or a closed browser, goes on where it stopped when the same files are given again.
// Without this script the same form sends all files in one go.

import { Queue } from "./upload/queue.js";

for (const form of document.querySelectorAll("form[data-upload]")) new Queue(form);

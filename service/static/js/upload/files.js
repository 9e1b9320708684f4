// From what was dropped or chosen to a flat list of {file, path}: folders are walked, "path" is the folder within.

const IGNORED = new Set([".DS_Store", "Thumbs.db", "desktop.ini"]);

const ORDER = new Intl.Collator(undefined, { numeric: true });

export function chosen(list) {
  const found = [...list].map((file) => ({ file, path: folderOf(file.webkitRelativePath || "") })).filter(wanted);
  if (found.every(({ path }) => !path)) return found; // as the person chose them
  return found.sort((one, other) => ORDER.compare(one.file.webkitRelativePath, other.file.webkitRelativePath));
}

export async function dropped(transfer) {
  // Entries must be taken before the first await: afterwards the browser has emptied the list.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return chosen(transfer.files);
  const found = [];
  for (const entry of entries) await walk(entry, "", found);
  return found.filter(wanted);
}

async function walk(entry, path, found) {
  if (entry.isFile) {
    found.push({ file: await new Promise((done, failed) => entry.file(done, failed)), path });
    return;
  }
  const inside = path ? `${path}/${entry.name}` : entry.name;
  const reader = entry.createReader();
  const children = [];
  for (;;) { // a reader gives a hundred at a time
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) break;
    children.push(...some);
  }
  children.sort((one, other) => ORDER.compare(one.name, other.name));
  for (const child of children) await walk(child, inside, found);
}

function folderOf(path) {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
}

function wanted({ file }) {
  return !IGNORED.has(file.name);
}

// What was dropped, or chosen: files with the path of the folder they lie in. A browser lists a folder piece by piece.

const entries = (reader) => new Promise((resolve, reject) => { reader.readEntries(resolve, reject); });
const fileOf = (entry) => new Promise((resolve, reject) => { entry.file(resolve, reject); });

async function* filesBelow(entry) {
  if (entry.isFile) {
    yield { file: await fileOf(entry), path: entry.fullPath.replace(/^\//, "") };
    return;
  }
  const reader = entry.createReader();
  for (let more = await entries(reader); more.length; more = await entries(reader)) {
    for (const each of more) yield* filesBelow(each);
  }
}

export const ofInput = (input) => [...input.files].map((file) => ({ file, path: file.webkitRelativePath }));

// Called while the drop is being handled: its items are gone a moment later.
export function ofDrop({ items, files }) {
  const found = [...items ?? []].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!found.some((entry) => entry.isDirectory)) return Promise.resolve([...files].map((file) => ({ file, path: "" })));
  return read(found);
}

async function read(found) {
  const all = [];
  for (const entry of found) {
    try {
      for await (const each of filesBelow(entry)) all.push(entry.isFile ? { ...each, path: "" } : each);
    } catch {
      // a folder that cannot be read: what was found in it so far goes on
    }
  }
  return all;
}

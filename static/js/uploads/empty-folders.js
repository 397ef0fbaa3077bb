// The folders without anything in them among what was dropped. A browser hands over files only, so nobody else would
// hear of them.

const entries = (reader) => new Promise((resolve, reject) => { reader.readEntries(resolve, reject); });

async function children(folder) {
  const reader = folder.createReader();
  const found = [];
  for (let more = await entries(reader); more.length; more = await entries(reader)) found.push(...more);
  return found;
}

async function* emptyBelow(folder) {
  const inside = await children(folder);
  if (!inside.length) yield folder.fullPath.replace(/^\//, "");
  for (const each of inside) if (each.isDirectory) yield* emptyBelow(each);
}

// The paths of the empty ones. Called while the drop is being handled: its items are gone a moment later.
export function emptyFolders(dataTransfer) {
  const dropped = [...dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter((entry) => entry?.isDirectory);
  return findIn(dropped);
}

async function findIn(folders) {
  const found = [];
  for (const each of folders) {
    try {
      for await (const path of emptyBelow(each)) found.push(path);
    } catch {
      // a folder that cannot be read is Uppy's to say
    }
  }
  return found;
}

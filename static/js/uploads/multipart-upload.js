// A large file from its announcement to its end, or from where an earlier page left it.

import { retry, ignoringPause } from "./retry.js";
import { sendParts, storedParts } from "./parts.js";

export async function uploadInParts(item, means) {
  if (!item.announced && !await resume(item, means)) await announce(item, means);
  return sendParts(item, means);
}

// Takes up what this browser remembers of the file. S3 says which parts it has; each is compared with the file as it is
// now before it is believed.
async function resume(item, { portal, memory }) {
  const left = await memory.find(item.blob, item.folder);
  if (!left || !await memory.claim(left.file_id, item.ended)) return false;
  const found = await storedParts(left, item, portal);
  if (!found) {
    memory.forget(left.file_id);
    return false;
  }
  Object.assign(item, found);
  return true;
}

async function announce(item, { portal, memory, paths, draft, announced }) {
  const body = { name: item.name, size: item.blob.size, folder: item.folder, ...draft ? { draft_id: draft } : {} };
  const once = crypto.randomUUID();
  // Not given up once it is asked: the portal may have announced the file already, and then it has to be taken back.
  item.announced = await retry(ignoringPause(item), () => portal.call("POST", paths.uploads, { body, once }));
  announced();
  memory.keep(item);
  await memory.claim(item.announced.file_id, item.ended);
}

// A large file from its announcement to its end, or from where an earlier page left it.

import { insist, regardless } from "./patience.js";
import { sendParts, storedParts } from "./parts.js";

export async function whole(mine, means) {
  if (!mine.announced && !await resumed(mine, means)) await announce(mine, means);
  return sendParts(mine, means);
}

// Takes up what this browser remembers of the file. S3 says which parts it has; each is compared with the file as it is
// now before it is believed.
async function resumed(mine, { portal, memory }) {
  const left = await memory.find(mine.blob, mine.folder);
  if (!left || !await memory.claim(left.file_id, mine.ended)) return false;
  const found = await storedParts(left, mine, portal);
  if (!found) {
    memory.forget(left.file_id);
    return false;
  }
  Object.assign(mine, found);
  return true;
}

async function announce(mine, { portal, memory, paths }) {
  const body = { name: mine.name, size: mine.blob.size, folder: mine.folder };
  const once = crypto.randomUUID();
  // Not given up once it is asked: the portal may have announced the file already, and then it has to be taken back.
  mine.announced = await insist(regardless(mine), () => portal.call("POST", paths.uploads, { body, once }));
  memory.keep(mine);
  await memory.claim(mine.announced.file_id, mine.ended);
}

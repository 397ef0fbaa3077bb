// Files that operating systems and programs keep in people's folders for themselves. Nobody means to send them with a
// folder; whoever chooses one by itself does.

const FILES = new Set([
  ".ds_store", ".localized", ".apdisk", ".volumeicon.icns", ".com.apple.timemachine.donotpresent", "icon\r", // macOS
  "thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", // Windows
  ".directory", // KDE
]);
const FOLDERS = new Set([
  "__macosx", ".appledouble", ".documentrevisions-v100", ".fseventsd", ".spotlight-v100", ".temporaryitems", ".trashes", // macOS
  "$recycle.bin", "system volume information", // Windows
  "@eadir", "#recycle", // Synology
]);
// What macOS keeps beside a file on disks of others, and what Office keeps beside a document that is open.
const BEGINNINGS = ["._", "~$", ".~lock."];

// path: as browsers give it, "Plans/2026/site.pdf"; of a file that was chosen by itself there is none.
export function isSystemFile(path) {
  const parts = (path ?? "").toLowerCase().split("/").filter(Boolean);
  if (parts.length < 2) return false;
  const name = parts.pop();
  return FILES.has(name) || BEGINNINGS.some((each) => name.startsWith(each)) || parts.some((each) => FOLDERS.has(each));
}

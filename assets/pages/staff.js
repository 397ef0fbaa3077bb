// What pages of people who are signed in are enhanced with, as one file. What only few of them want comes beside it
// (portal/web/assets/scripts.py).
import copy from "../../static/js/copy.js";
import dialog from "../../static/js/dialog.js";
import dropToSend from "../../static/js/drop-to-send.js";
import download from "../../static/js/download.js";
import focus from "../../static/js/focus.js";
import localTime from "../../static/js/local-time.js";
import menu from "../../static/js/menu.js";
import recipients from "../../static/js/recipients.js";
import rowMenu from "../../static/js/row-menu.js";
import selection from "../../static/js/selection.js";
import submitOnce from "../../static/js/submit-once.js";
import watch from "../../static/js/watch.js";
import { start } from "../../static/js/main.js";

start({
  copy, dialog, download, "drop-to-send": dropToSend, focus, "local-time": localTime, menu, recipients, "row-menu": rowMenu, selection,
  "submit-once": submitOnce, watch,
});

// What pages of partners and strangers are enhanced with, as one file: each more may wake a Lambda.
import copy from "../../static/js/copy.js";
import download from "../../static/js/download.js";
import downloadAll from "../../static/js/download-all.js";
import focus from "../../static/js/focus.js";
import localTime from "../../static/js/local-time.js";
import submitOnce from "../../static/js/submit-once.js";
import { start } from "../../static/js/main.js";

start({ copy, download, "download-all": downloadAll, focus, "local-time": localTime, "submit-once": submitOnce });

// What a page has the service worker of /d/zip/ do: one ZIP of many files, or one large file that goes on where it broke.

const AWAKE = 10_000; // milliseconds; browsers stop a worker that is idle for 30 seconds
const FIRST_WORD = 20_000; // milliseconds for the worker to answer at all

// The worker, once it may be spoken to. It is fetched on a press and not before: most people never need it.
export async function awake(address) {
  const registration = await navigator.serviceWorker.register(address, { updateViaCache: "none" });
  const worker = registration.active ?? registration.waiting ?? registration.installing;
  while (worker.state !== "activated") {
    await new Promise((changed) => { worker.addEventListener("statechange", changed, { once: true }); });
    if (worker.state === "redundant") throw new Error("the worker was not taken");
  }
  return worker;
}

// One job, from the press to its end: told as the worker reads it, each file with the attempt it is. say.progress and
// say.cancel are called on the way, say.begun once the browser saves. Resolves with what the worker said last.
export function run(worker, told, say) {
  const id = crypto.randomUUID();
  const { files } = told;
  const frame = Object.assign(document.createElement("iframe"), { hidden: true });
  const speak = (word, more) => worker.postMessage({ say: word, id, ...more });
  let heard = null;
  const ended = new Promise((resolve) => {
    const slow = setTimeout(() => resolve({ lost: true }), FIRST_WORD);
    heard = ({ data }) => {
      if (data.id !== id) return;
      clearTimeout(slow);
      if (data.ready) {
        frame.src = new URL(id, worker.scriptURL);
        document.body.append(frame);
        say.begun?.();
      } else if (data.waits !== undefined) {
        say.waits?.(data.waits);
      } else if (data.bytes !== undefined && !data.done) {
        say.progress(files[data.place], data.place + 1, data.bytes);
      } else {
        resolve(data);
      }
    };
    // A download fires no load. A page does: the browser went past the worker and found nothing at its address.
    frame.addEventListener("load", () => {
      if (frame.contentDocument?.title !== "") resolve({ lost: true });
    });
  });
  navigator.serviceWorker.addEventListener("message", heard);
  navigator.serviceWorker.startMessages();
  const staying = setInterval(() => speak("stay"), AWAKE);
  say.cancel(() => speak("cancel"));
  speak("start", { job: told });
  return ended.finally(() => {
    clearInterval(staying);
    speak("cancel"); // what has ended is forgotten already; what never began is then
    navigator.serviceWorker.removeEventListener("message", heard);
    frame.remove();
  });
}

// A button that copies data-copy, and says so in its own words (data-copied) for two seconds.

export default function copy(button) {
  const words = button.querySelector("[data-words]") ?? button;
  const before = words.textContent;
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    words.textContent = button.dataset.copied;
    document.getElementById("messages")?.setAttribute("aria-label", button.dataset.copied);
    setTimeout(() => { words.textContent = before; }, 2000);
  });
}

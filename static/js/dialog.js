// Opens the <dialog> a link points to as a modal one; the browser then keeps the focus in it and Escape closes it.

export default function dialog(link) {
  const box = document.querySelector(link.hash);
  link.setAttribute("role", "button");
  link.setAttribute("aria-haspopup", "dialog");
  link.addEventListener("keydown", (event) => {
    if (event.key === " ") {
      event.preventDefault();
      link.click();
    }
  });
  link.addEventListener("click", (event) => {
    event.preventDefault();
    link.closest("details")?.removeAttribute("open");
    box.showModal();
  });
  box.querySelector("[data-closes]")?.addEventListener("click", (event) => {
    event.preventDefault();
    box.close();
  });
  box.addEventListener("click", (event) => {
    if (event.target === box) box.close();  // the backdrop
  });
  box.addEventListener("close", () => (link.closest("details")?.querySelector("summary") ?? link).focus());
}

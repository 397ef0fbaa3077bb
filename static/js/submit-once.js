// A form that is on its way is not sent again by a second press. The server makes twice the same as once; this only
// spares the wait. Coming back by the back button makes the form usable again.

export default function submitOnce(form) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
    form.querySelectorAll("button:not([type=button])").forEach((each) => each.setAttribute("aria-disabled", "true"));
  });
  window.addEventListener("pageshow", () => {
    sent = false;
    form.querySelectorAll("[aria-disabled]").forEach((each) => each.removeAttribute("aria-disabled"));
  });
}

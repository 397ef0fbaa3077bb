// The bar over a list: shown once a row is chosen, with how many. Put data-module="selection" on the <form> around the
// list; the bar is [data-selection-bar] in it, the figure [data-selection-count], the box for all [data-selection-all].

export default function selection(form) {
  const boxes = () => [...form.elements].filter((each) => each.type === "checkbox" && !each.matches("[data-selection-all]"));
  const all = form.querySelector("[data-selection-all]");
  const bar = form.querySelector("[data-selection-bar]");
  const figure = form.querySelector("[data-selection-count]");

  function show() {
    const chosen = boxes().filter((each) => each.checked).length;
    bar.hidden = chosen === 0;
    figure.textContent = chosen.toLocaleString(document.documentElement.lang);
    if (all) {
      all.checked = chosen > 0 && chosen === boxes().length;
      all.indeterminate = chosen > 0 && !all.checked;
    }
  }

  all?.addEventListener("change", () => {
    boxes().forEach((each) => { each.checked = all.checked; });
  });
  // On the document: boxes that belong to the form by their form attribute stand outside of it.
  document.addEventListener("change", (event) => {
    if (event.target.form === form) show();
  });
  window.addEventListener("pageshow", show);
  show();
}

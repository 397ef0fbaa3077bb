// What the tests ask of the element that has the focus: is it seen that it has it, and is it covered? (WCAG 2.4.7, 2.4.11)
(() => {
  const el = document.activeElement;
  if (!el || el === document.body) return null;
  const name = `${el.tagName.toLowerCase()}${el.id ? `#${el.id}` : ""}.${String(el.className?.baseVal ?? el.className).trim().split(/\s+/).join(".")}`
    + ` "${(el.getAttribute("aria-label") ?? el.labels?.[0]?.textContent ?? el.textContent).trim().slice(0, 30)}"`;
  el.dataset.tabStop ??= String(window.tabStops = (window.tabStops ?? 0) + 1);
  const style = getComputedStyle(el);
  const hasOutline = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && !/, 0\)$|transparent/.test(style.outlineColor);
  const box = [...el.getClientRects()].sort((a, b) => b.width * b.height - a.width * a.height)[0];
  const area = box && { left: Math.max(box.left, 0), right: Math.min(box.right, innerWidth), top: Math.max(box.top, 0), bottom: Math.min(box.bottom, innerHeight) };
  const isInWindow = area && area.right - area.left > 1 && area.bottom - area.top > 1;
  // Fixed or sticky things of which the element is no part.
  const bar = (hit) => {
    for (let each = hit; each && !each.contains(el); each = each.parentElement) {
      if (["fixed", "sticky"].includes(getComputedStyle(each).position)) return each;
    }
    return null;
  };
  const at = (x, y) => bar(document.elementFromPoint(area.left + (area.right - area.left) * x, area.top + (area.bottom - area.top) * y));
  const hits = isInWindow ? [[0.5, 0.5], [0.1, 0.1], [0.9, 0.1], [0.1, 0.9], [0.9, 0.9]].map(([x, y]) => at(x, y)) : [];
  const isTall = box && box.height > innerHeight - 200; // what is between the bars cannot hold all of it
  const covers = isTall ? hits.every(Boolean) && hits[0] : hits.find(Boolean);
  return { stop: el.dataset.tabStop, name, hasOutline, isInWindow: Boolean(isInWindow), coveredBy: covers ? covers.className || covers.tagName : "" };
})()

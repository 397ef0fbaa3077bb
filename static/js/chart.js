// Bars by day, drawn by uPlot out of the table that the page has for everybody: one hue, zero at the foot, the highest
// bar labelled, and the bar under the pointer read out in the table's own words.
import { uPlot } from "../vendor/uplot.js";

const HEIGHT = 160;
const LABEL_ROOM = 1.2; // above the highest bar
const GRID = 4; // lines

export default function chart(element) {
  const rows = [...document.getElementById(element.dataset.table).tBodies[0].rows];
  const values = rows.map((row) => Number(row.cells[1].dataset.value));
  const texts = rows.map((row) => [row.cells[0].textContent.trim(), row.cells[1].textContent.trim()]);
  const readout = element.closest(".chart").querySelector(".chart-readout");
  const most = Math.max(...values);
  const plot = new uPlot(options(element, values, most, texts, readout), [values.map((_, place) => place), values], element);
  element.append(daysBelow(texts));
  new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT })).observe(element);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => plot.redraw(false, false));
}

function options(element, values, most, texts, readout) {
  const colour = (name) => getComputedStyle(element).getPropertyValue(name).trim();
  return {
    width: element.clientWidth,
    height: HEIGHT,
    padding: [0, 0, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    scales: { x: { time: false, range: [-0.5, values.length - 0.5] }, y: { range: [0, most * LABEL_ROOM] } },
    axes: [{ show: false }, { show: false }],
    series: [{}, {
      points: { show: false },
      width: 0,
      fill: () => colour("--accent"),
      paths: uPlot.paths.bars({ size: [0.72, 48], radius: 0.08 }),
    }],
    hooks: {
      drawClear: [(plot) => drawGrid(plot, colour("--line"))],
      draw: [(plot) => drawLabel(plot, values.indexOf(most), most, texts, colour("--ink"))],
      setCursor: [(plot) => {
        const place = plot.cursor.idx;
        readout.textContent = place === null || place === undefined ? "" : texts[place].join(": ");
      }],
    },
  };
}

function drawGrid({ ctx, bbox }, colour) {
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  for (let line = 0; line <= GRID; line += 1) {
    const height = Math.round(bbox.top + (bbox.height * line) / GRID) + (line === GRID ? -0.5 : 0.5) * devicePixelRatio;
    ctx.beginPath();
    ctx.moveTo(bbox.left, height);
    ctx.lineTo(bbox.left + bbox.width, height);
    ctx.stroke();
  }
  ctx.restore();
}

function drawLabel(plot, place, most, texts, colour) {
  const { ctx, bbox } = plot;
  const size = 13 * devicePixelRatio;
  ctx.save();
  ctx.fillStyle = colour;
  ctx.font = `600 ${size}px ${getComputedStyle(plot.root).fontFamily}`;
  const half = ctx.measureText(texts[place][1]).width / 2;
  const middle = plot.valToPos(place, "x", true);
  ctx.textAlign = "center";
  ctx.fillText(
    texts[place][1], Math.min(Math.max(middle, bbox.left + half), bbox.left + bbox.width - half),
    plot.valToPos(most, "y", true) - size / 2,
  );
  ctx.restore();
}

function daysBelow(texts) {
  const days = document.createElement("div");
  days.className = "chart-days";
  for (const place of new Set([0, texts.length - 1])) {
    const day = document.createElement("span");
    day.textContent = texts[place][0];
    days.append(day);
  }
  return days;
}

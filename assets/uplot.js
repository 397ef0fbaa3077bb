// Charts of the administrators' pages, as one ES module (static/js/chart.js). The few rules of its sheet that charts
// without axes and legend need are in static/css/charts.css.
export { default as uPlot } from "uplot";

// Panels in the style of the board: one unit, a description, a legend of what tells the series apart.
import * as common from "@grafana/grafana-foundation-sdk/common";
import * as dashboard from "@grafana/grafana-foundation-sdk/dashboard";
import * as heatmaps from "@grafana/grafana-foundation-sdk/heatmap";
import * as prometheus from "@grafana/grafana-foundation-sdk/prometheus";
import * as bargauges from "@grafana/grafana-foundation-sdk/bargauge";
import * as stats from "@grafana/grafana-foundation-sdk/stat";
import * as timelines from "@grafana/grafana-foundation-sdk/statetimeline";
import * as timeseries from "@grafana/grafana-foundation-sdk/timeseries";

export const datasource = { type: "prometheus", uid: "${datasource}" };

/** The colour of each outcome, wherever it is shown. */
export const ofCommands = {
  accepted: "green", rejected: "blue", conflict: "purple", id_reused: "light-purple", invalid: "yellow", failed: "red", overloaded: "orange",
  storage_full: "dark-orange", not_written: "light-red", unknown: "dark-red", forbidden: "dark-yellow",
};
export const ofQueries = {
  answered: "green", invalid: "yellow", failed: "red", not_ready: "light-yellow", timed_out: "light-orange", parked: "dark-purple",
  overloaded: "orange", not_written: "light-red", unknown: "dark-red", forbidden: "dark-yellow",
};
export const ofEvents = { applied: "green", passed: "light-blue", parked: "dark-purple" };

/** The series of `metric` that the variables choose, with more matchers if given. */
export const of = (metric, more = "") => `${metric}{instance=~"$instance"${more && `,${more}`}}`;
export const rate = (metric, more) => `rate(${of(metric, more)}[$__rate_interval])`;
export const increase = (metric, more) => `increase(${of(metric, more)}[$__rate_interval])`;

/** A quantile of a histogram. Without values it is NaN, which `>= 0` drops: then the panel shows nothing. */
export function quantile(q, histogram, ...by) {
  return `histogram_quantile(${q}, sum by (${[...by, "le"].join(", ")}) (${rate(`${histogram}_bucket`)})) >= 0`;
}
export function mean(histogram, ...by) {
  const all = by.length ? `sum by (${by.join(", ")})` : "sum";
  return `${all} (${rate(`${histogram}_sum`)}) / ${all} (${rate(`${histogram}_count`)}) >= 0`;
}

function query(expr, legend, refId) {
  return new prometheus.DataqueryBuilder().datasource(datasource).editorMode(prometheus.QueryEditorMode.Code).refId(refId).expr(expr)
    .legendFormat(legend);
}

/** `queries` are pairs of an expression and a legend. */
function panel(builder, title, description, unit, queries) {
  builder.title(title).description(description).datasource(datasource).unit(unit);
  queries.forEach(([expr, legend], i) => builder.withTarget(query(expr, legend, String.fromCharCode(65 + i))));
  return builder;
}

/** `steps` are pairs of a value and the colour from it on; below the first one it is green. */
function thresholds(steps) {
  return new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute)
    .steps([{ value: null, color: "green" }, ...steps.map(([value, color]) => ({ value, color }))]);
}

/** `texts` says what a number means: { 0: ["stopped", "red"] }. */
function mapped(builder, texts) {
  const options = Object.fromEntries(Object.entries(texts).map(([value, [text, color]], index) => [value, { text, color, index }]));
  return builder.mappings([{ type: "value", options }]);
}

const by = (mode) => new dashboard.FieldColorBuilder().mode(mode);

/** One number that says whether something is well. */
export function stat(title, description, unit, expr, { steps = [], texts, graph = true, legend = title } = {}) {
  const one = panel(new stats.PanelBuilder(), title, description, unit, [[expr, legend]])
    .thresholds(thresholds(steps)).colorScheme(by("thresholds")).noValue("none")
    .colorMode(steps.length || texts ? common.BigValueColorMode.Value : common.BigValueColorMode.None)
    .graphMode(graph && !texts ? common.BigValueGraphMode.Area : common.BigValueGraphMode.None)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(["lastNotNull"]))
    .height(4).span(4);
  return texts ? mapped(one, texts) : one;
}

/** The name of each series, large: for a metric that is always 1. */
export function names(title, description, expr, legend) {
  return stat(title, description, "none", expr, { legend, graph: false }).textMode(common.BigValueTextMode.Name).height(8).span(8);
}

/** Lines over time. `steps` draw a line at a limit. */
export function lines(title, description, unit, queries, { steps = [], stacked = false, width = 8, max } = {}) {
  const one = panel(new timeseries.PanelBuilder(), title, description, unit, queries)
    .colorScheme(by("palette-classic-by-name")).min(0).height(8).span(width)
    .lineWidth(1).fillOpacity(stacked ? 30 : 8).showPoints(common.VisibilityMode.Never)
    .legend(new common.VizLegendOptionsBuilder().showLegend(true).displayMode(common.LegendDisplayMode.List)
      .placement(common.LegendPlacement.Bottom))
    .tooltip(new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending));
  if (max !== undefined) one.axisSoftMax(max);
  if (stacked) one.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal));
  if (steps.length)
    one.thresholds(thresholds(steps)).thresholdsStyle(new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed));
  return one;
}

/** Lines of outcomes, each in its colour. */
export function byOutcome(title, description, unit, expr, colours, options = {}) {
  const one = lines(title, description, unit, [[expr, "{{outcome}}"]], { stacked: true, ...options });
  for (const [name, fixedColor] of Object.entries(colours))
    one.overrideByName(name, [{ id: "color", value: { mode: "fixed", fixedColor } }]);
  return one;
}

/** How many values fell into which bucket, over time. */
export function heatmap(title, description, unit, histogram, width = 8) {
  const one = panel(new heatmaps.PanelBuilder(), title, description, unit, []);
  return one.withTarget(query(`sum by (le) (${increase(`${histogram}_bucket`)})`, "{{le}}", "A").format(prometheus.PromQueryFormat.Heatmap))
    .calculate(false).yAxis(new heatmaps.YAxisConfigBuilder().unit(unit)).height(8).span(width)
    .color(new heatmaps.HeatmapColorOptionsBuilder().mode(heatmaps.HeatmapColorMode.Scheme).scheme("Blues").steps(32).reverse(false));
}

/** Which state each series was in, and since when. */
export function states(title, description, queries, texts, width = 8) {
  return mapped(panel(new timelines.PanelBuilder(), title, description, "none", queries), texts)
    .thresholds(thresholds([])).colorScheme(by("thresholds")).showValue(common.VisibilityMode.Never).mergeValues(true).rowHeight(0.8)
    .legend(new common.VizLegendOptionsBuilder().showLegend(true).displayMode(common.LegendDisplayMode.List)
      .placement(common.LegendPlacement.Bottom))
    .height(8).span(width);
}

/** The last value of each series beside the others. */
export function bars(title, description, unit, queries, { steps = [], width = 8 } = {}) {
  return panel(new bargauges.PanelBuilder(), title, description, unit, queries)
    .thresholds(thresholds(steps)).colorScheme(by("thresholds")).min(0).height(8).span(width)
    .displayMode(common.BarGaugeDisplayMode.Basic).orientation(common.VizOrientation.Horizontal)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(["lastNotNull"]));
}

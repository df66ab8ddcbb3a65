// node board.mjs [--check] [FILE]: makes the board of annals for Grafana, annals.json beside this file or FILE. With --check, compares it
// with that file instead, and fails at the first line that differs.
import { readFileSync, writeFileSync } from "node:fs";
import { argv, exit } from "node:process";

import { DashboardBuilder, DashboardCursorSync, DatasourceVariableBuilder, QueryVariableBuilder, RowBuilder, VariableRefresh, VariableSort }
  from "@grafana/grafana-foundation-sdk/dashboard";

import { datasource } from "./panels.mjs";
import { rows } from "./rows.mjs";

function board() {
  const all = new DashboardBuilder("annals")
    .uid("annals-runtime").description("Whether annals is well: commands, the log, followers and their lag, parked events, and what it is made of.")
    .tags(["annals", "event sourcing"]).timezone("browser").time({ from: "now-1h", to: "now" }).refresh("30s").readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(new DatasourceVariableBuilder("datasource").label("Prometheus").type("prometheus"))
    .withVariable(new QueryVariableBuilder("instance").label("Instance").datasource(datasource)
      .query({ query: "label_values(annals_up, instance)", refId: "instance" }).refresh(VariableRefresh.OnTimeRangeChanged)
      .sort(VariableSort.AlphabeticalAsc).multi(true).includeAll(true).allValue(".*")
      .current({ selected: true, text: ["All"], value: ["$__all"] }));
  let id = 0;
  for (const { title, panels, open } of rows) {
    const row = new RowBuilder(title).id(++id).collapsed(!open);
    for (const panel of panels) panel.id(++id);
    if (!open) panels.forEach((panel) => row.withPanel(panel));
    all.withRow(row);
    if (open) panels.forEach((panel) => all.withPanel(panel));
  }
  return `${JSON.stringify(all.build(), null, 1)}\n`;
}

function check(made, file) {
  const lines = made.split("\n");
  const there = readFileSync(file, "utf8").split("\n");
  const at = [...Array(Math.max(lines.length, there.length)).keys()].find((i) => lines[i] !== there[i]);
  if (at === undefined) return 0;
  console.error(`${file}:${at + 1}: is not what board.mjs makes. Run it, and commit the file.\n- ${there[at] ?? ""}\n+ ${lines[at] ?? ""}`);
  return 1;
}

const named = argv.slice(2).find((one) => !one.startsWith("-"));
const file = named ?? new URL("annals.json", import.meta.url).pathname;
const made = board();
if (argv.includes("--check")) exit(check(made, file));
writeFileSync(file, made);

// How the page and the drawings look. The colours can be told apart with any kind of colour blindness, and every line also has its
// name next to it.
#pragma once

namespace bench::report {

constexpr auto* style = R"css(
:root { color-scheme: light; --ground: #fff; --ink: #1d1f21; --soft: #5f666d; --faint: #e3e6e9; --rule: #9aa1a8;
  --c0: #0068a8; --c1: #b34700; --c2: #00755a; --c3: #9c4478; --c4: #806000; --c5: #6b7279; }
@media screen and (prefers-color-scheme: dark) {
  :root { color-scheme: dark; --ground: #15181b; --ink: #e4e7ea; --soft: #9aa3ab; --faint: #2b3036; --rule: #69727b;
    --c0: #6cb8f0; --c1: #f2935a; --c2: #42c8a0; --c3: #e29bc6; --c4: #dcbb4e; --c5: #a3abb3; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI",
  Roboto, "Liberation Sans", Arial, sans-serif; font-variant-numeric: tabular-nums; -webkit-text-size-adjust: 100%; }
main { max-width: 1000px; margin: 0 auto; padding: 32px 20px 64px; }
h1 { font-size: 28px; line-height: 1.2; font-weight: 600; margin: 0 0 12px; }
h2 { font-size: 20px; font-weight: 600; margin: 0 0 4px; }
h3 { font-size: 14px; font-weight: 600; margin: 0 0 6px; }
p { margin: 0 0 8px; max-width: 68ch; }
section { margin-top: 44px; }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 400px), 1fr)); gap: 28px 44px;
  margin-top: 16px; }
figure { margin: 0; max-width: 460px; break-inside: avoid; }
svg { display: block; width: 100%; height: auto; overflow: visible; }
svg text { font-size: 12.5px; fill: var(--ink); paint-order: stroke; stroke: var(--ground); stroke-width: 4px;
  stroke-linejoin: round; }
svg .tick, svg .title { fill: var(--soft); }
.c0 { --c: var(--c0); } .c1 { --c: var(--c1); } .c2 { --c: var(--c2); }
.c3 { --c: var(--c3); } .c4 { --c: var(--c4); } .c5 { --c: var(--c5); }
svg .name { fill: var(--c); }
.grid { stroke: var(--faint); stroke-width: 1; }
.axis { stroke: var(--rule); stroke-width: 1; }
.line { fill: none; stroke: var(--c); stroke-width: 1.75; stroke-linejoin: round; }
.leader { stroke: var(--c); stroke-width: 0.75; opacity: 0.6; }
.point { fill: var(--c); stroke: var(--ground); stroke-width: 1; }
.small { stroke: none; }
.scroll { overflow-x: auto; margin-top: 16px; }
table { border-collapse: collapse; font-size: 13px; line-height: 1.35; }
caption { text-align: left; font-weight: 600; font-size: 14px; padding-bottom: 4px; }
th { font-weight: 400; color: var(--soft); text-align: right; vertical-align: bottom; }
th, td { padding: 4px 0 4px 16px; border-bottom: 1px solid var(--faint); }
td { text-align: right; white-space: nowrap; }
th:first-child, td:first-child { padding-left: 0; }
th.words, td.words { text-align: left; }
td.long { white-space: normal; min-width: 24ch; vertical-align: top; }
.source { margin-top: 14px; font-size: 12px; line-height: 1.5; color: var(--soft); }
.source p { max-width: none; margin: 0; overflow-wrap: anywhere; }
code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: 0.95em; }
code span { display: inline-block; max-width: 100%; }
@media print {
  @page { margin: 14mm; }
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  section { margin-top: 22px; }
  h2, section > p { break-after: avoid; }
  .figures { grid-template-columns: 1fr 1fr; gap: 18px 28px; }
  .source { break-inside: avoid; font-size: 7.5pt; }
  .small { stroke: none; }
.scroll { overflow: visible; }
  table { font-size: 6.5pt; }
  th, td { padding: 2px 0 2px 5px; }
  tr { break-inside: avoid; }
}
)css";

}  // namespace bench::report

// How reports look: one column, readable on a phone, light and dark, and on paper in black on white with nothing folded away.
import { palette } from '../page/palette.ts';

export const style = `
${palette}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--ground); color: var(--text); overflow-wrap: anywhere;
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif;
}
header, main, footer, nav { max-width: 70rem; margin: 0 auto; padding: 0 1rem; }
h1, h2, h3, p, ul, ol, dl, dd, figure, pre, table { margin: 0; padding: 0; }
h1 { text-wrap: balance; font-size: 1.625rem; line-height: 1.2; letter-spacing: -0.01em; }
h2 { font-size: 1.25rem; line-height: 1.3; }
h3 { font-size: 1rem; line-height: 1.4; }
ul, ol { padding-left: 1.25rem; }
li + li { margin-top: 0.375rem; }
p + p, p + ul, ul + p, dl + p, p + dl, p + table, ul + table, ol + p, table + p, p + figure, .plot + p, p + .plot, h3 + * { margin-top: 0.5rem; }
table + table, .plot + table, table + h3 { margin-top: 1rem; }
a { color: var(--accent); text-underline-offset: 0.2em; }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: 0.875em; }
pre { white-space: pre-wrap; padding: 0.625rem 0.75rem; background: var(--ground); border: 1px solid var(--line); border-radius: 0.5rem; }
.soft { color: var(--soft); }
.small { font-size: 0.875rem; }
.num { font-variant-numeric: tabular-nums; white-space: nowrap; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
header { padding-top: 1rem; padding-bottom: 0.5rem; display: grid; gap: 0.5rem; justify-items: start; }
header p + p { margin-top: 0; }
main { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1rem; padding-bottom: 1rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem; padding: 1rem; min-width: 0; }
section > h2 { margin-bottom: 0.5rem; }
section > h3 { margin-top: 1rem; }
.badge {
  display: inline-block; padding: 0 0.5rem; border: 1px solid currentColor; border-radius: 1rem;
  font-size: 0.8125rem; font-weight: 700; line-height: 1.6; white-space: nowrap;
}
.badge.good { color: var(--good); background: var(--good-tint); }
.badge.warn { color: var(--warn); background: var(--warn-tint); }
.badge.bad { color: var(--bad); background: var(--bad-tint); }
.badge.none { color: var(--soft); background: var(--card); }
.numbers { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0.75rem; }
.numbers > div { background: var(--card); border: 1px solid var(--line); border-left: 0.375rem solid var(--field); border-radius: 0.75rem; padding: 0.75rem 1rem; min-width: 0; }
.numbers > .good { border-left-color: var(--good); }
.numbers > .bad { border-left-color: var(--bad); }
.numbers dt { font-weight: 700; }
.numbers .value { font-size: 1.75rem; line-height: 1.2; font-weight: 700; font-variant-numeric: tabular-nums; }
.numbers dd { color: var(--soft); font-size: 0.875rem; }
.numbers dd.value { color: var(--text); }
.numbers dd .badge { margin-left: 0.25rem; }
.facts { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0.25rem 1rem; }
.facts div { display: grid; grid-template-columns: 8rem minmax(0, 1fr); gap: 0.5rem; }
.facts dt { color: var(--soft); }
main > nav { padding: 0 0.25rem; margin: 0; }
nav ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: 0 1rem; }
nav li + li { margin-top: 0; }
nav a { display: inline-flex; align-items: center; min-height: 2.75rem; }
.list { list-style: none; padding: 0; }
.list > li { padding: 0.5rem 0; border-top: 1px solid var(--line); }
.list > li + li { margin-top: 0; }
.list > li:first-child { border-top: 0; padding-top: 0; }
.list > li:last-child { padding-bottom: 0; }
.aside { display: none; margin-bottom: 0.5rem; }
.scroll { overflow-x: auto; margin-left: -1rem; margin-right: -1rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; overflow-wrap: anywhere; font-weight: 700; padding-bottom: 0.25rem; }
th, td { text-align: left; vertical-align: top; overflow-wrap: normal; min-width: 4.75rem; padding: 0.375rem 0.75rem 0.375rem 0; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--soft); font-weight: 600; font-size: 0.875rem; }
tbody th { font-weight: 600; }
tbody th .soft { font-weight: 400; }
.links { list-style: none; padding: 0; }
.links li + li { margin-top: 0; }
td a, th a { display: inline-block; padding: 0.625rem 0; }
@media (min-width: 52rem) { td .links { min-width: 14rem; } }
td .links a { padding: 0.25rem 0; line-height: 1.5; }
/* As wide as the picture is, and the edges of the page around it. */
@media screen and (max-width: 61rem) { .aside { display: block; } }
@media screen and (max-width: 51.99rem) {
  .stack thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .stack, .stack caption, .stack tbody, .stack tr, .stack th, .stack td { display: block; }
  .stack tr { border-top: 1px solid var(--line); padding: 0.5rem 0; }
  .stack th, .stack td { border: 0; padding: 0.0625rem 0; overflow-wrap: anywhere; }
  .stack td[data-label]::before { content: attr(data-label) ": "; color: var(--soft); }
}
summary { padding: 0.625rem 0; color: var(--accent); font-weight: 700; cursor: pointer; }
svg { display: block; width: 100%; min-width: 56rem; height: auto; }
.plot svg { min-width: 0; }
svg text { font: 600 12px system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif; fill: var(--text); }
svg .quiet { fill: var(--soft); font-weight: 400; paint-order: stroke; stroke: var(--card); stroke-width: 3px; stroke-linejoin: round; }
svg .grid { stroke: var(--line); stroke-width: 1; }
svg .band { fill: var(--ground); }
svg .bar { fill: var(--field); }
.whole { white-space: nowrap; }
svg .bar.wait { fill: var(--accent); fill-opacity: 0.65; }
svg .bar.path { fill: var(--accent); fill-opacity: 1; }
svg .bar.failed { fill: var(--bad); }
svg .bar.good { fill: var(--good); }
svg .point { fill: var(--field); stroke: var(--card); stroke-width: 1.5; }
svg .mark { stroke: var(--soft); stroke-width: 1.5; }
svg .line { stroke-width: 2; fill: none; }
svg .line.served { stroke: var(--good); }
svg .line.predicted { stroke: var(--warn); stroke-dasharray: 6 4; }
svg .line.objective { stroke: var(--bad); stroke-dasharray: 2 3; }
svg .served-text { fill: var(--good); }
svg .predicted-text { fill: var(--warn); }
svg .objective-text { fill: var(--bad); }
.key { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; list-style: none; padding: 0; font-size: 0.875rem; }
.key li + li { margin-top: 0; }
.key i { display: inline-block; width: 1.25rem; height: 0.75rem; border-radius: 0.1875rem; margin-right: 0.375rem; vertical-align: -0.0625rem; }
.key .path { background: var(--accent); }
.key .other { background: var(--field); }
.key .failed { background: var(--bad); }
.key .predicted { height: 0; border-top: 2px dashed var(--warn); vertical-align: 0.25rem; }
.key .wait { background: color-mix(in srgb, var(--accent) 65%, var(--card)); }
footer { padding-top: 0.5rem; padding-bottom: 2rem; color: var(--soft); font-size: 0.875rem; }
@media (min-width: 40rem) {
  h1 { font-size: 2rem; }
  section { padding: 1.25rem; }
  .numbers { grid-template-columns: repeat(3, minmax(0, 1fr)); }
  .facts { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .scroll { margin-left: 0; margin-right: 0; padding: 0; }
}
@media print {
  :root {
    color-scheme: light;
    --ground: #ffffff; --card: #ffffff; --text: #000000; --soft: #333333; --line: #999999; --field: #666666;
    --accent: #173f9e; --on-accent: #ffffff; --accent-tint: #ffffff;
    --good: #0a5230; --good-tint: #ffffff; --warn: #6f3900; --warn-tint: #ffffff; --bad: #8c1017; --bad-tint: #ffffff;
  }
  @page { margin: 15mm; }
  body { font-size: 9.5pt; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  nav { display: none; }
  summary { list-style: none; padding: 0.25rem 0; }
  header, main, footer { max-width: none; padding: 0; }
  section { border: 0; border-top: 1pt solid var(--line); border-radius: 0; padding: 0.5rem 0; }
  h2, h3, summary { break-after: avoid; }
  tr, li, .numbers, figure { break-inside: avoid; }
  .scroll { overflow: visible; }
  svg { min-width: 0; }
  details::details-content { content-visibility: visible; block-size: auto; }
}
`;

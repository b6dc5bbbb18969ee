// How the approval page looks: one column on a phone, two on a desk, light and dark, without anything fetched from elsewhere.
// What is touched is at least 44 px high.
import { palette } from './palette.ts';

export const style = `
${palette}
:root { --picture-down: #c2123f; --picture-seen: #b07a00; --picture-ask: #1f55d0; --picture-well: #0b7d45; }
@media (prefers-color-scheme: dark) {
  :root { --picture-down: #ff5c5c; --picture-seen: #ffc34d; --picture-ask: #4d8dff; --picture-well: #2fd98a; }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: 1rem; }
body {
  margin: 0; background: var(--ground); color: var(--text); overflow-wrap: anywhere;
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif;
}
header, main, footer { max-width: 70rem; margin: 0 auto; padding: 0 1rem; }
h1, h2, h3, p, ul, ol, dl, dd, fieldset, pre { margin: 0; padding: 0; }
h1 { text-wrap: balance; font-size: 1.75rem; line-height: 1.2; letter-spacing: -0.01em; }
h2 { font-size: 1.125rem; line-height: 1.3; }
h3, legend { font-size: 1rem; font-weight: 700; line-height: 1.4; }
ul, ol { padding-left: 1.25rem; }
li + li { margin-top: 0.375rem; }
p + p, p + ul, p + ol, ul + p, dl + p, ol + p { margin-top: 0.5rem; }
a { color: var(--accent); text-underline-offset: 0.2em; overflow-wrap: anywhere; }
.card a { display: inline-flex; align-items: center; min-height: 2.75rem; }
code, pre, .typed { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: 0.9375em; }
.gap { margin-top: 1rem; }
h3 + p, h3 + ul { margin-top: 0.25rem; }
.soft { color: var(--soft); }
.small { font-size: 0.875rem; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
header { min-height: 3.5rem; display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; column-gap: 1rem; padding-top: 0.5rem; }
header p { margin: 0; }
.reload { display: inline-flex; align-items: center; min-height: 2.75rem; padding: 0 0.25rem; }
main { display: grid; gap: 1rem; padding-bottom: 1rem; }
.top, .facts, .side { display: grid; gap: 1rem; align-content: start; min-width: 0; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem; padding: 1rem; min-width: 0; }
.card > h2 { margin-bottom: 0.5rem; }
.head { display: grid; gap: 0.5rem; justify-items: start; }
.head p + p { margin-top: 0; }
.badge {
  display: inline-block; padding: 0.125rem 0.625rem; border: 1px solid currentColor; border-radius: 1rem;
  font-size: 0.875rem; font-weight: 700; line-height: 1.5;
}
.badge.ask, .badge.wait { color: var(--accent); background: var(--accent-tint); }
.badge.good { color: var(--good); background: var(--good-tint); }
.badge.warn { color: var(--warn); background: var(--warn-tint); }
.badge.bad { color: var(--bad); background: var(--bad-tint); }
.badge.none { color: var(--soft); background: var(--card); }
.note { border-left: 0.375rem solid; border-radius: 0.5rem; padding: 0.75rem 1rem; }
.note.warn { border-color: var(--warn); background: var(--warn-tint); }
.note.bad { border-color: var(--bad); background: var(--bad-tint); }
.note.good { border-color: var(--good); background: var(--good-tint); }
.head a, .note a { display: inline-flex; align-items: center; min-height: 2.75rem; }
.note.bad a { display: inline-block; padding: 0.625rem 0; color: var(--bad); font-weight: 700; }
.note p strong, .note h2 { color: inherit; }
.numbers { display: grid; grid-template-columns: 1fr 1fr; gap: 0.5rem; }
.numbers div { background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem; padding: 0.625rem 0.75rem; min-width: 0; }
.numbers.one { grid-template-columns: minmax(0, 1fr); }
.numbers dt { font-size: 0.875rem; color: var(--soft); }
.numbers dd { font-size: 0.875rem; line-height: 1.4; color: var(--soft); }
.numbers .value { font-size: 1.375rem; line-height: 1.25; font-weight: 700; color: var(--text); font-variant-numeric: tabular-nums; }
.numbers .warn { background: var(--warn-tint); border-color: var(--warn); }
.numbers .warn .value { color: var(--warn); }
.numbers .bad { background: var(--bad-tint); border-color: var(--bad); }
.numbers .bad .value { color: var(--bad); }
.answers { display: grid; grid-template-columns: 1fr 1fr; gap: 0.5rem; }
.jump {
  display: block; min-height: 3rem; padding: 0.75rem;
  border: 2px solid var(--accent); border-radius: 0.625rem; font-weight: 700; text-decoration: none; text-align: center; line-height: 1.25; background: var(--card);
}
.jump.yes { border-color: var(--final-line); background: var(--final); color: var(--on-final); }
.plain { list-style: none; padding: 0; }
.plain > li { padding: 0.625rem 0; border-top: 1px solid var(--line); }
.plain > li + li { margin-top: 0; }
.plain > li:first-child { border-top: 0; padding-top: 0; }
.plain > li:last-child { padding-bottom: 0; }
.pair { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0.25rem 1rem; }
.cost { display: flex; flex-wrap: wrap; gap: 0 1.25rem; }
.cost div { display: flex; gap: 0.375rem; }
.cost dt { color: var(--soft); }
.cost dd { font-weight: 700; }
.steps { list-style: none; padding: 0; display: grid; gap: 0.5rem; }
.steps li { display: grid; grid-template-columns: 1.75rem 1fr auto; gap: 0.5rem; align-items: baseline; }
.steps li + li { margin-top: 0; }
.mark { text-align: center; font-weight: 700; border-radius: 0.375rem; color: var(--soft); background: var(--ground); }
.steps .done .mark { color: var(--good); background: var(--good-tint); }
.steps .held .mark { color: var(--warn); background: var(--warn-tint); }
.steps .not-possible .mark { color: var(--bad); background: var(--bad-tint); }
.outage { display: block; overflow: visible; width: calc(100% - 1.25rem); margin: 1rem 0.625rem 0.75rem; }
.outage .all { stroke: var(--line); stroke-width: 6; }
.outage line.down { stroke: var(--picture-down); stroke-width: 12; }
.outage .tick { stroke: var(--kind); stroke-width: 5; }
.outage circle { fill: var(--card); stroke: var(--kind); stroke-width: 3; }
.outage text { fill: var(--text); text-anchor: middle; font-size: 12px; font-weight: 700; }
.outage g, .points div { --kind: var(--field); }
.outage g.down, .points .down { --kind: var(--picture-down); }
.outage g.seen, .points .seen { --kind: var(--picture-seen); }
.outage g.ask, .points .ask { --kind: var(--picture-ask); }
.outage g.well, .points .well { --kind: var(--picture-well); }
.outage g.now, .points .now { --kind: var(--text); }
.points { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: 0.5rem 1rem; }
.points div { position: relative; padding-left: 1.75rem; line-height: 1.3; }
.points .no {
  position: absolute; left: 0; top: 0; display: grid; place-items: center; width: 1.375rem; height: 1.375rem; border: 3px solid var(--kind);
  border-radius: 50%; color: var(--text); font-size: 0.75rem; font-weight: 700;
}
.points dt { font-size: 0.875rem; color: var(--soft); }
.points dd { font-weight: 700; font-variant-numeric: tabular-nums; }
details.card > summary { font-size: 1rem; }
.pips { display: flex; gap: 0.375rem; margin: 0.25rem 0 0.75rem; }
.pips span { flex: 1; height: 0.5rem; border-radius: 0.25rem; border: 1px solid var(--field); }
.pips .on { background: var(--good); border-color: var(--good); }
.pips .no { background: var(--bad); border-color: var(--bad); }
summary { display: flex; align-items: center; min-height: 2.75rem; color: var(--accent); font-weight: 700; cursor: pointer; }
summary::before { content: "+"; width: 1.25rem; }
details[open] > summary::before { content: "\\2212"; }
summary::-webkit-details-marker { display: none; }
.card > form { margin-top: 1rem; }
.card > form + form { margin-top: 1.25rem; padding-top: 1.25rem; border-top: 1px solid var(--line); }
fieldset { border: 0; min-width: 0; display: grid; gap: 0.75rem; }
legend { padding: 0; margin-bottom: 0.5rem; font-size: 1.0625rem; }
fieldset p { margin: 0; }
.field { display: grid; gap: 0.25rem; }
label { font-weight: 700; }
.typed { font-weight: 700; background: var(--ground); border: 1px solid var(--line); border-radius: 0.375rem; padding: 0.0625rem 0.375rem; }
input, textarea {
  width: 100%; min-height: 3rem; padding: 0.625rem 0.75rem; color: var(--text); background: var(--card);
  border: 1px solid var(--field); border-radius: 0.5rem; font: inherit; font-size: 1.0625rem;
}
textarea { min-height: 5.5rem; resize: vertical; display: block; }
[aria-invalid="true"] { border: 2px solid var(--bad); }
.wrong { color: var(--bad); font-weight: 700; }
button {
  width: 100%; min-height: 3.25rem; padding: 0.5rem 1rem; border-radius: 0.625rem; border: 2px solid var(--accent);
  font: inherit; font-weight: 700; cursor: pointer; background: var(--card); color: var(--accent);
}
button.yes { border-color: var(--final-line); background: var(--final); color: var(--on-final); }
.whole { white-space: nowrap; }
.word { display: inline-block; max-width: 100%; word-break: break-all; }
pre { white-space: pre-wrap; margin-top: 0.5rem; padding: 0.625rem 0.75rem; background: var(--ground); border: 1px solid var(--line); border-radius: 0.5rem; }
.record { display: grid; gap: 0.375rem; }
.record div { display: grid; grid-template-columns: 6.5rem 1fr; gap: 0.5rem; }
.record dt { color: var(--soft); }
footer { padding-top: 0.5rem; padding-bottom: 2rem; }
@media (min-width: 40rem) {
  h1 { font-size: 2.125rem; }
  .numbers { grid-template-columns: repeat(4, 1fr); }
  .numbers.one { grid-template-columns: minmax(0, 24rem); }
  .numbers.two { grid-template-columns: repeat(2, minmax(0, 24rem)); }
  .card { padding: 1.25rem; }
  .record { display: flex; flex-wrap: wrap; gap: 0.75rem 2.5rem; }
  .record div { display: block; }
  .record dt { font-size: 0.875rem; }
}
@media (min-width: 62rem) {
  header, main, footer { padding-left: 1.5rem; padding-right: 1.5rem; }
  main { grid-template-columns: minmax(0, 1fr) 24rem; gap: 1.25rem; }
  main > .top { grid-column: 1 / -1; }
  .facts, .side, .top { gap: 1.25rem; }
}
`;

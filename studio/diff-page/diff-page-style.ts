import { raw } from '../html';

/** What the diff page has besides the look of all pages: two columns from 60 characters each. */
export const DIFF_PAGE_STYLE = raw(`
:root { --del: #ffdcd7; --del-text: #82071e; --del-bar: #cf222e; --ins: #cbf5d3; --ins-text: #044f1e; --ins-bar: #1a7f37; }
@media (prefers-color-scheme: dark) { :root { --del: #67060c; --del-text: #ffdcd7; --del-bar: #f85149; --ins: #033a16; --ins-text: #aff5b4; --ins-bar: #3fb950; } }
@media print { :root { --del: #ffdcd7; --del-text: #82071e; --del-bar: #cf222e; --ins: #cbf5d3; --ins-text: #044f1e; --ins-bar: #1a7f37; } }
.side { border-left: 4px solid; padding: 0 .75rem; margin: .5rem 0; }
.side.before { border-color: var(--del-bar); }
.side.after { border-color: var(--ins-bar); }
.side h2 { margin: 0; border: 0; }
.side dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .1rem .75rem; margin: .25rem 0 0; font-size: .9rem; }
nav ul { padding-left: 1.25rem; }
.tally, .key { color: var(--faint); font-size: .9rem; font-weight: normal; }
.lines, .whole { font: .9rem/1.6 ui-monospace, monospace; }
.row p, .whole { margin: 0; padding: 0 .5rem; white-space: pre-wrap; }
.row p { border-left: 4px solid transparent; }
.row .before { border-color: var(--del-bar); }
.row .after { border-color: var(--ins-bar); }
.row .blank { border-color: transparent; }
del, ins { border-radius: 3px; padding: 0 .1em; }
del { color: var(--del-text); background: var(--del); text-decoration: line-through; }
ins { color: var(--ins-text); background: var(--ins); text-decoration: underline; text-underline-offset: .2em; }
summary { color: var(--faint); cursor: pointer; }
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (min-width: 60rem) { .changed, .sides { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; } }
@media (max-width: 59.99rem) { .row .blank { display: none; } }
@page { size: A4; margin: 15mm 12mm; }
@media print {
  details::details-content { content-visibility: visible; block-size: auto; }
  .row, .side { break-inside: avoid; }
  .lines, .whole, .side dl, .tally, .key { font-size: 8.5pt; }
  nav { display: none; }
  del, ins { print-color-adjust: exact; }
}
`);

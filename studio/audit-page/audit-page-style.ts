import { raw } from '../html';

/** The page's look: the system's fonts, light or dark on a screen, black on white and without shadows on paper. */
export const AUDIT_PAGE_STYLE = raw(`
:root { --text: #1f2328; --page: #ffffff; --faint: #59636e; --edge: #d1d9e0; --stripe: #f6f8fa; --link: #0550ae; --bad: #82071e; --good: #044f1e; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --page: #0d1117; --faint: #9ca6b0; --edge: #3d444d; --stripe: #161b22; --link: #79b8ff; --bad: #ff9a8f; --good: #7ee2a0; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 90rem; color: var(--text); background: var(--page); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
a { color: var(--link); }
a:focus-visible, .scroll:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; background: var(--page); padding: .25rem .5rem; }
h1 { font-size: 1.5rem; margin: 0 0 .5rem; }
h2 { font-size: 1.1rem; margin: 1.5rem 0 .5rem; border-bottom: 1px solid var(--edge); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: 0; }
dt { color: var(--faint); }
dd { margin: 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; }
caption { text-align: left; color: var(--faint); padding-bottom: .25rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .5rem; border-bottom: 1px solid var(--edge); }
tbody tr:nth-child(even) { background: var(--stripe); }
th { overflow-wrap: normal; }
td.short { white-space: nowrap; }
td.operation { min-width: 8.5rem; }
.who ol { margin: 0; padding: 0; list-style: none; }
.who li + li::before { content: "→ "; color: var(--faint); }
.id, code { font: .8rem/1.4 ui-monospace, monospace; color: var(--faint); }
.digest { font: .8rem/1.4 ui-monospace, monospace; }
.bad { color: var(--bad); font-weight: 600; }
.good { color: var(--good); font-weight: 600; }
@page { size: A4 landscape; margin: 15mm 12mm; }
@media print {
  :root { --text: #000; --page: #fff; --faint: #444; --edge: #999; --stripe: #fff; --link: #000; --bad: #000; --good: #000; }
  body { max-width: none; padding: 0; font-size: 9pt; }
  .skip { display: none; }
  .scroll { overflow: visible; }
  table { font-size: 8pt; }
  thead { display: table-header-group; }
  tr, li { break-inside: avoid; }
  h2 { break-after: avoid; }
  a { text-decoration: none; }
}
`);

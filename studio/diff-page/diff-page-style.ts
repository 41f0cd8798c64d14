import { raw } from '../html';

/** The page's look: the system's fonts, its light or dark, two columns from 60 characters each. */
export const DIFF_PAGE_STYLE = raw(`
:root { --text: #1f2328; --page: #ffffff; --faint: #59636e; --edge: #d1d9e0; --link: #0550ae; --del: #ffdcd7; --del-text: #82071e; --ins: #cbf5d3; --ins-text: #044f1e; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --page: #0d1117; --faint: #9ca6b0; --edge: #3d444d; --link: #79b8ff; --del: #67060c; --del-text: #ffdcd7; --ins: #033a16; --ins-text: #aff5b4; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 90rem; color: var(--text); background: var(--page); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
a { color: var(--link); }
a:focus-visible, summary:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; background: var(--page); padding: .25rem .5rem; }
h1 { font-size: 1.5rem; margin: 0 0 .5rem; }
h2 { font-size: 1.1rem; margin: 1.5rem 0 .5rem; border-bottom: 1px solid var(--edge); }
dl { display: flex; flex-wrap: wrap; gap: .25rem 2rem; margin: 0; }
dl div { display: flex; gap: .5rem; }
dt { color: var(--faint); }
dd { margin: 0; }
nav ul { padding-left: 1.25rem; }
.tally, .key { color: var(--faint); font-size: .9rem; font-weight: normal; }
.lines, .whole { font: .9rem/1.6 ui-monospace, monospace; }
.row p, .whole { margin: 0; padding: 0 .5rem; white-space: pre-wrap; }
.row p { border-left: 4px solid transparent; }
.row .before { border-color: var(--del-text); }
.row .after { border-color: var(--ins-text); }
del, ins { border-radius: 3px; padding: 0 .1em; }
del { color: var(--del-text); background: var(--del); text-decoration: line-through; }
ins { color: var(--ins-text); background: var(--ins); text-decoration: underline; text-underline-offset: .2em; }
summary { color: var(--faint); cursor: pointer; }
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (min-width: 60rem) { .changed { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; } }
@media print { details > * { display: block; } }
`);

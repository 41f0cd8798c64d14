import { raw } from './html';

/** What all pages look like: the system's fonts, light or dark on a screen, black on white on paper. */
export const PAGE_STYLE = raw(`
:root { --text: #1f2328; --page: #ffffff; --faint: #59636e; --edge: #d1d9e0; --stripe: #f6f8fa; --link: #0550ae; --bad: #82071e; --good: #044f1e; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --page: #0d1117; --faint: #9ca6b0; --edge: #3d444d; --stripe: #161b22; --link: #79b8ff; --bad: #ff9a8f; --good: #7ee2a0; } }
@media print { :root { --text: #000; --page: #fff; --faint: #444; --edge: #999; --stripe: #fff; --link: #000; --bad: #82071e; --good: #044f1e; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 90rem; color: var(--text); background: var(--page); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
a { color: var(--link); }
a:focus-visible, summary:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; background: var(--page); padding: .25rem .5rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.1rem; margin: 1.5rem 0 .5rem; border-bottom: 1px solid var(--edge); break-after: avoid; }
dd { margin: 0; }
time { white-space: nowrap; }
dt { color: var(--faint); }
.bad { color: var(--bad); font-weight: 600; }
.good { color: var(--good); font-weight: 600; }
@media print {
  body { max-width: none; padding: 0; font-size: 9pt; }
  h1 { font-size: 15pt; }
  h2 { font-size: 11pt; }
  .skip { display: none; }
  a { text-decoration: none; }
}
`);

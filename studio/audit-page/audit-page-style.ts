import { raw } from '../html';

/** What the audit page has besides the look of all pages. It is printed on A4, its evidence on sheets of its own. */
export const AUDIT_PAGE_STYLE = raw(`
.standing { font-size: 1.125rem; line-height: 1.4; margin: .25rem 0; }
.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .1rem 1rem; margin: 1rem 0 0; font-size: .9em; }
.via { color: var(--faint); font-size: .9em; margin: 0; padding: 0; list-style: none; }
.via li::before { content: "→ "; }
code { font: .85em/1.4 ui-monospace, monospace; color: var(--faint); }
.row-link { display: inline-block; min-width: 1.5rem; min-height: 1.5rem; }
@media (min-width: 60rem) { .facts { grid-template-columns: repeat(2, max-content minmax(0, 1fr)); } .reason { min-width: 12rem; } }
@page { size: A4 landscape; margin: 15mm 12mm; }
@media print {
  .standing { font-size: 12pt; }
  .appendix { break-before: page; }
}
`);

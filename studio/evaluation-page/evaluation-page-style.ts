import { raw } from '../html';

/** What the page of an evaluation has besides the looks of diffs and tables. */
export const EVALUATION_PAGE_STYLE = raw(`
.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .25rem 1rem; }
.verdict { font-size: 1.1rem; font-weight: 600; }
.case { border-top: 1px solid var(--edge); padding: .35rem 0; }
.case > summary { color: var(--text); }
.case .why { color: var(--faint); }
.asked { font-size: .9rem; color: var(--faint); margin: .35rem 0; white-space: pre-wrap; }
.columns { display: none; }
.said { margin: .5rem 0; border: 1px solid var(--edge); border-radius: 4px; padding: .25rem 0; }
.results { font-size: .9rem; padding-left: 1.25rem; margin: .25rem 0 .75rem; }
@media (min-width: 60rem) { .columns { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; color: var(--faint); font-size: .9rem; } }
@media print { .columns { display: grid; grid-template-columns: 1fr 1fr; } .case { break-inside: auto; } .case > summary { break-after: avoid; } }
`);

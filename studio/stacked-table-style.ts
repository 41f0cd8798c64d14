import { raw } from './html';

/** From 60 characters a table; below it each row a block, each cell a line with its column's name, no empty ones. */
export const STACKED_TABLE_STYLE = raw(`
table { border-collapse: collapse; width: 100%; font-size: .9em; }
caption { text-align: left; color: var(--faint); padding-bottom: .25rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--edge); }
thead th { overflow-wrap: normal; color: var(--faint); font-weight: 600; }
tbody th { font-weight: normal; }
.keep { white-space: nowrap; }
@media (max-width: 59.99rem) {
  table, tbody, tr, caption { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tbody tr { padding: .5rem 0; border-bottom: 1px solid var(--edge); }
  tbody th, td { display: grid; grid-template-columns: 5.5rem minmax(0, 1fr); column-gap: .75rem; padding: .1rem 0; border: 0; }
  tbody th::before, td::before { content: attr(data-label); color: var(--faint); }
  td:empty { display: none; }
}
@media print { thead { display: table-header-group; } tr { break-inside: avoid; } }
`);

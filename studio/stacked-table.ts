import { type Html, type HtmlValue, html, lines, raw } from './html';

export interface StackedTable {
  readonly label: string;
  readonly caption?: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly HtmlValue[])[];
  /** Begins the id of each row, which its number ends. @default - rows without ids */
  readonly rowId?: string;
}

export interface Column {
  readonly name: string;
  /** Its cells are not broken into lines. */
  readonly keep?: boolean;
}

/**
 * A table that becomes a list of blocks where it is narrow. With roles, as some browsers forget what a table is that is
 * shown as blocks; the first cell heads its row.
 *
 * @see https://adrianroselli.com/2018/02/tables-css-display-properties-and-aria.html
 */
export function stackedTable({ label, caption, columns, rows, rowId }: StackedTable): Html {
  const heads = columns.map(({ name }) => html`<th scope="col" role="columnheader">${name}</th>`);
  const body = rows.map((cells, index) => {
    const id = rowId === undefined ? raw('') : html` id="${rowId}${index + 1}"`;
    return html`<tr role="row"${id}>${cells.map((value, place) => cell(value, columns[place], place === 0))}</tr>`;
  });
  return html`<table role="table" aria-label="${label}">
${caption === undefined ? '' : html`<caption>${caption}</caption>`}
<thead role="rowgroup"><tr role="row">${heads}</tr></thead>
<tbody role="rowgroup">
${lines(body)}
</tbody>
</table>`;
}

/** What it holds stands in one element, so that it stays one piece where the cell is a grid. */
function cell(value: HtmlValue, column: Column | undefined, isHead: boolean): Html {
  const label = column?.name ?? '';
  const content = value === '' ? '' : html`<div class="${column?.keep ? 'keep' : 'free'}">${value}</div>`;
  return isHead
    ? html`<th scope="row" role="rowheader" data-label="${label}">${content}</th>`
    : html`<td role="cell" data-label="${label}">${content}</td>`;
}

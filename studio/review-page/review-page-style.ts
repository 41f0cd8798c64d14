import { raw } from '../html';

/** What the review page has besides the diff's look. */
export const REVIEW_PAGE_STYLE = raw(`
.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .25rem 1rem; }
.said { padding-left: 1.25rem; }
.said p { margin: .1rem 0 .5rem; }
@media print { .said li { break-inside: avoid; } }
`);

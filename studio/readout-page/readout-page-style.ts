import { raw } from '../html';

export const READOUT_PAGE_STYLE = raw(`
.void { border: 2px solid var(--text); padding: .75rem 1rem; }
.notes { color: var(--faint); }
`);

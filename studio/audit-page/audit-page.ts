import type { LogRow, Person } from '../../core/audit/release-log';
import { type Html, html, lines } from '../html';
import { page } from '../page';
import { stackedTable } from '../stacked-table';
import { STACKED_TABLE_STYLE } from '../stacked-table-style';
import { timeElement } from '../time-element';
import type { AuditLog, ChainHead } from './audit-log';
import { AUDIT_PAGE_STYLE } from './audit-page-style';
import { modelSentence } from './model-sentence';
import { linkText, personText } from './person-text';
import { countsText, moveText, passedText } from './row-text';
import { standingText } from './standing-text';

/** Of a digest, enough to tell two apart by eye; the whole of it is in the appendix. */
const SHORT_DIGEST = 'pd1:'.length + 12;

/**
 * A log as one HTML page to keep and to print: no network, no script at all (its own policy forbids any). Everything that
 * comes from a registry is escaped, control and direction characters are written out.
 */
export function auditPage(log: AuditLog): string {
  const title = `Audit log of ${log.prompt}`;
  const oldest = log.rows.at(-1)?.time ?? log.time;
  const body = html`<header>
<h1>${title}</h1>
${lines(log.standings.map((one) => html`<p class="standing">${standingText(one)}${modelSentence(one, log.models)}</p>`))}
<dl class="facts">
<dt>Registry</dt><dd>${log.registry ?? 'not known'}</dd>
<dt>Prompt</dt><dd>${log.prompt} <code>${log.promptIds.join(', ')}</code></dd>
<dt>Alias</dt><dd>${log.alias ?? 'all, and publications'}</dd>
<dt>Period</dt><dd>${time(log.since ?? oldest)} to ${time(log.time)}${log.since === null ? ', everything that the ledger holds' : ''}</dd>
<dt>Made</dt><dd>${time(log.time)}</dd>
<dt>Entries</dt><dd>${countsText(log.rows)}</dd>
<dt>Ledger</dt><dd>s3://${log.bucket}</dd>
<dt>Chain</dt><dd>${chain(log)}</dd>
</dl>
</header>
<main id="log">
${log.notes.length > 0 ? notes(log.notes) : ''}
<section aria-labelledby="entries">
<h2 id="entries">Releases, withdrawals and publications</h2>
${log.rows.length > 0 ? entries(log.rows) : html`<p>Nothing was released or published in this time.</p>`}
</section>
<section aria-labelledby="heads">
<h2 id="heads">Chain heads</h2>
<p>The SHA-256 of each alias's newest record. Every record holds that of the one before, so a head kept on paper shows later whether a record was changed or taken away.</p>
${log.heads.length > 0 ? heads(log.heads) : html`<p>No alias was ever released.</p>`}
</section>
${log.rows.length > 0 ? appendix(log.rows) : ''}
</main>`;
  return page({
    title,
    style: html`${STACKED_TABLE_STYLE}${AUDIT_PAGE_STYLE}`,
    main: 'log',
    skip: 'Skip to the log',
    body,
  });
}

function chain({ findings }: AuditLog): Html {
  if (findings.length === 0) return html`<span class="good">holds</span>`;
  const items = findings.map(({ problem, message }) => html`<li>${problem}: ${message}</li>`);
  return html`<span class="bad">broken</span><ul>${items}</ul>`;
}

function notes(list: readonly string[]): Html {
  return html`<section aria-labelledby="notes"><h2 id="notes">Notes</h2>
<ul>
${lines(list.map((note) => html`<li>${note}</li>`))}
</ul></section>`;
}

function entries(rows: readonly LogRow[]): Html {
  return stackedTable({
    label: 'Entries',
    caption:
      'Newest first, times in UTC. Who: the person first, as far as CloudTrail tells, last the caller of CloudFormation. The number leads to the evidence.',
    columns: [
      { name: 'No.' },
      { name: 'Time', keep: true },
      { name: 'Alias', keep: true },
      { name: 'Version' },
      { name: 'What', keep: true },
      { name: 'Reason' },
      { name: 'Who' },
    ],
    rows: rows.map((row, index) => [
      html`<a class="row-link" href="#evidence-${index + 1}">${index + 1}</a>`,
      time(row.time),
      row.alias ?? '',
      html`${moveText(row, '→', 'none')}${row.digest === null ? '' : html` <code>${shortDigest(row.digest)}</code>`}`,
      row.undone ? html`${row.kind} <span class="bad">undone</span>` : row.kind,
      reason(row),
      person(row.person),
    ]),
  });
}

/** Why, and who agreed. */
function reason(row: LogRow) {
  const said = [row.reason ?? '', passedText(row)].filter((text) => text !== '');
  return said.length === 0 ? '' : html`${said.map((text) => html`<div class="reason">${text}</div>`)}`;
}

function shortDigest(digest: string): string {
  return digest.length > SHORT_DIGEST ? `${digest.slice(0, SHORT_DIGEST)}…` : digest;
}

function person(found: Person): Html {
  if (found.links.length === 0) return html`<em>${personText(found, '→')}</em>`;
  const isOpen = found.end === 'not found' || found.end === 'other account';
  const [first, ...others] = found.links.map((link) => html`${linkText(link)}`);
  const [head, via] = isOpen
    ? [html`<em>who took this role is not in reach (${found.end})</em>`, [first, ...others]]
    : [first, others];
  return html`${head ?? ''}<ul class="via">${via.map((one) => html`<li>${one ?? ''}</li>`)}</ul>`;
}

function heads(list: readonly ChainHead[]): Html {
  return stackedTable({
    label: 'Chain heads',
    columns: [
      { name: 'Prompt' },
      { name: 'Alias', keep: true },
      { name: 'Newest' },
      { name: 'Read' },
      { name: 'Written', keep: true },
      { name: 'SHA-256' },
    ],
    rows: list.map(({ prompt, alias, sequence, records, digest, time: at }) => [
      ...[prompt, alias, `record ${sequence}`, `${records} records`],
      at ? time(at) : '',
      html`<code>${digest ?? 'not readable'}</code>`,
    ]),
  });
}

/** What shows each entry, in full: too long to be read, and needed to prove it. */
function appendix(rows: readonly LogRow[]): Html {
  return html`<section class="appendix" aria-labelledby="evidence">
<h2 id="evidence">Appendix: the evidence of each entry</h2>
${stackedTable({
  label: 'Evidence',
  rowId: 'evidence-',
  columns: [{ name: 'No.' }, { name: 'Object' }, { name: 'Content' }, { name: 'Operation' }, { name: 'CloudTrail' }],
  rows: rows.map(({ object, digest, operation, person: { links } }, index) => [
    index + 1,
    html`<code>${object}</code>`,
    digest === null ? '' : html`<code>${digest}</code>`,
    operation === null ? '' : html`<code>${operation}</code>`,
    links.length === 0
      ? ''
      : links.map(({ eventName, eventId }) => html`<div>${eventName} <code>${eventId}</code></div>`),
  ]),
})}
</section>`;
}

function time(iso: string): Html {
  return timeElement(new Date(iso));
}

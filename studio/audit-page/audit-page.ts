import type { LogRow, Person } from '../../core/audit/release-log';
import { type Html, html, lines } from '../html';
import { page } from '../page';
import { timeElement } from '../time-element';
import type { AuditLog, ChainHead } from './audit-log';
import { AUDIT_PAGE_STYLE } from './audit-page-style';
import { linkText, personText } from './person-text';
import { countsText, moveText } from './row-text';

/**
 * A log as one HTML page to keep and to print: no network, no script at all (its own policy forbids any). Everything that
 * comes from a registry is escaped, control and direction characters are written out.
 */
export function auditPage(log: AuditLog): string {
  const title = `Audit log of ${log.prompt}`;
  const oldest = log.rows.at(-1)?.time ?? log.time;
  const body = html`<header>
<h1>${title}</h1>
<dl>
<dt>Registry</dt><dd>${log.registry ?? 'not known'}</dd>
<dt>Prompt</dt><dd>${log.prompt} <span class="id">${log.promptIds.join(', ')}</span></dd>
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
${log.rows.length > 0 ? rows(log.rows) : html`<p>Nothing was released or published in this time.</p>`}
</section>
<section aria-labelledby="heads">
<h2 id="heads">Chain heads</h2>
<p>The SHA-256 of each alias's newest record. Every record holds that of the one before, so a head kept on paper shows later whether a record was changed or taken away.</p>
${heads(log.heads)}
</section>
</main>`;
  return page({ title, style: AUDIT_PAGE_STYLE, main: 'log', skip: 'Skip to the log', body });
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

function rows(list: readonly LogRow[]): Html {
  return html`<div class="scroll" role="group" aria-label="Table of entries" tabindex="0"><table>
<caption>Newest first, times in UTC. Who: the person first, as far as CloudTrail tells, last whoever called CloudFormation; with each the id of the event.</caption>
<thead><tr><th scope="col">Time</th><th scope="col">Alias</th><th scope="col">Version</th><th scope="col">What</th><th scope="col">Reason</th><th scope="col">Who</th><th scope="col">Stack operation</th></tr></thead>
<tbody>
${lines(list.map(tableRow))}
</tbody>
</table></div>`;
}

function tableRow(row: LogRow): Html {
  const what = row.undone ? html`${row.kind}<br><span class="bad">undone</span>` : row.kind;
  const digest = row.digest === null ? '' : html`<div class="id">${row.digest}</div>`;
  return html`<tr><td class="short">${time(row.time)}</td><td class="short">${row.alias ?? ''}</td><td>${moveText(row, '→', 'none')}${digest}</td><td class="short">${what}</td><td>${row.reason ?? ''}</td><td class="who">${person(row.person)}</td><td class="id operation">${row.operation ?? ''}</td></tr>`;
}

function person(found: Person): Html {
  if (found.links.length === 0) return html`<em>${personText(found, '→')}</em>`;
  const items = found.links.map(
    (link) => html`<li>${linkText(link)} <span class="id">${link.eventName} ${link.eventId}</span></li>`,
  );
  const gap =
    found.end === 'not found' || found.end === 'other account'
      ? html`<li><em>who took this role is not in reach (${found.end})</em></li>`
      : '';
  return html`<ol>${gap}${items}</ol>`;
}

function heads(list: readonly ChainHead[]): Html {
  if (list.length === 0) return html`<p>No alias was ever released.</p>`;
  const body = list.map(
    ({ prompt, alias, sequence, records, digest, time: at }) =>
      html`<tr><td>${prompt}</td><td>${alias}</td><td>${sequence}</td><td>${records}</td><td>${at ? time(at) : ''}</td><td class="digest">${digest ?? 'not readable'}</td></tr>`,
  );
  return html`<div class="scroll" role="group" aria-label="Table of chain heads" tabindex="0"><table>
<thead><tr><th scope="col">Prompt</th><th scope="col">Alias</th><th scope="col">Newest record</th><th scope="col">Records read</th><th scope="col">Written</th><th scope="col">SHA-256</th></tr></thead>
<tbody>
${lines(body)}
</tbody>
</table></div>`;
}

function time(iso: string): Html {
  return timeElement(new Date(iso));
}

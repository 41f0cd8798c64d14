import type { LogRow, Person } from '../../core/audit/release-log';
import { escapeHtml } from '../escape-html';
import { htmlPage } from '../html-page';
import { HTML_AUDIT_STYLE } from './html-audit-style';
import { type AuditLog, countsText, moveText } from './log-text';
import { linkText, personText } from './person-text';
import type { ChainHead } from './verify-text';

/**
 * A log as one HTML page to keep and to print: no network, no script at all (its own policy forbids any). Everything that
 * comes from a registry is escaped, control and direction characters are written out.
 */
export function htmlAudit(log: AuditLog): string {
  const title = `Audit log of ${log.prompt}`;
  const oldest = log.rows.at(-1)?.time ?? log.time;
  const body = `<header>
<h1>${escapeHtml(title)}</h1>
<dl>
<dt>Registry</dt><dd>${escapeHtml(log.registry ?? 'not known')}</dd>
<dt>Prompt</dt><dd>${escapeHtml(log.prompt)} <span class="id">${escapeHtml(log.promptIds.join(', '))}</span></dd>
<dt>Alias</dt><dd>${escapeHtml(log.alias ?? 'all, and publications')}</dd>
<dt>Period</dt><dd>${time(log.since ?? oldest)} to ${time(log.time)}${log.since === null ? ', everything that the ledger holds' : ''}</dd>
<dt>Made</dt><dd>${time(log.time)}</dd>
<dt>Entries</dt><dd>${countsText(log.rows)}</dd>
<dt>Ledger</dt><dd>s3://${escapeHtml(log.bucket)}</dd>
<dt>Chain</dt><dd>${chain(log)}</dd>
</dl>
</header>
<main id="log">
${log.notes.length > 0 ? `<section aria-labelledby="notes"><h2 id="notes">Notes</h2>\n<ul>\n${log.notes.map((note) => `<li>${escapeHtml(note)}</li>`).join('\n')}\n</ul></section>` : ''}
<section aria-labelledby="entries">
<h2 id="entries">Releases, withdrawals and publications</h2>
${log.rows.length > 0 ? rows(log.rows) : '<p>Nothing was released or published in this time.</p>'}
</section>
<section aria-labelledby="heads">
<h2 id="heads">Chain heads</h2>
<p>The SHA-256 of each alias's newest record. Every record holds that of the one before, so a head kept on paper shows later whether a record was changed or taken away.</p>
${heads(log.heads)}
</section>
</main>`;
  return htmlPage({ title, style: HTML_AUDIT_STYLE, main: 'log', skip: 'Skip to the log', body });
}

function chain({ findings }: AuditLog): string {
  if (findings.length === 0) return '<span class="good">holds</span>';
  const items = findings.map(({ problem, message }) => `<li>${escapeHtml(problem)}: ${escapeHtml(message)}</li>`);
  return `<span class="bad">broken</span><ul>${items.join('')}</ul>`;
}

function rows(list: readonly LogRow[]): string {
  return `<div class="scroll" role="group" aria-label="Table of entries" tabindex="0"><table>
<caption>Newest first, times in UTC. Who: the person first, as far as CloudTrail tells, last whoever called CloudFormation; with each the id of the event.</caption>
<thead><tr><th scope="col">Time</th><th scope="col">Alias</th><th scope="col">Version</th><th scope="col">What</th><th scope="col">Reason</th><th scope="col">Who</th><th scope="col">Stack operation</th></tr></thead>
<tbody>
${list.map(rowHtml).join('\n')}
</tbody>
</table></div>`;
}

function rowHtml(row: LogRow): string {
  const what = row.undone ? `${row.kind}<br><span class="bad">undone</span>` : row.kind;
  const digest = row.digest === null ? '' : `<div class="id">${escapeHtml(row.digest)}</div>`;
  return `<tr><td class="short">${time(row.time)}</td><td class="short">${escapeHtml(row.alias ?? '')}</td><td>${escapeHtml(moveText(row, '→', 'none'))}${digest}</td><td class="short">${what}</td><td>${escapeHtml(row.reason ?? '')}</td><td class="who">${person(row.person)}</td><td class="id operation">${escapeHtml(row.operation ?? '')}</td></tr>`;
}

function person(found: Person): string {
  if (found.links.length === 0) return `<em>${escapeHtml(personText(found, '→'))}</em>`;
  const items = found.links.map(
    (link) =>
      `<li>${escapeHtml(linkText(link))} <span class="id">${escapeHtml(link.eventName)} ${escapeHtml(link.eventId)}</span></li>`,
  );
  const gap =
    found.end === 'not found' || found.end === 'other account'
      ? [`<li><em>who took this role is not in reach (${found.end})</em></li>`]
      : [];
  return `<ol>${[...gap, ...items].join('')}</ol>`;
}

function heads(list: readonly ChainHead[]): string {
  if (list.length === 0) return '<p>No alias was ever released.</p>';
  const body = list.map(
    ({ prompt, alias, sequence, records, digest, time: at }) =>
      `<tr><td>${escapeHtml(prompt)}</td><td>${escapeHtml(alias)}</td><td>${sequence}</td><td>${records}</td><td>${at ? time(at) : ''}</td><td class="digest">${escapeHtml(digest ?? 'not readable')}</td></tr>`,
  );
  return `<div class="scroll" role="group" aria-label="Table of chain heads" tabindex="0"><table>
<thead><tr><th scope="col">Prompt</th><th scope="col">Alias</th><th scope="col">Newest record</th><th scope="col">Records read</th><th scope="col">Written</th><th scope="col">SHA-256</th></tr></thead>
<tbody>
${body.join('\n')}
</tbody>
</table></div>`;
}

function time(iso: string): string {
  const date = new Date(iso);
  return `<time datetime="${date.toISOString()}">${date.toISOString().slice(0, 16).replace('T', ' ')} UTC</time>`;
}

import type { AliasStanding } from '../../core/audit/alias-standing';
import type { LogRow, Person } from '../../core/audit/release-log';
import { type Html, html } from '../html';
import { timeElement } from '../time-element';
import { personText } from './person-text';
import { moveVerb } from './row-text';

const NOBODY: Readonly<Record<string, string>> = {
  'not delivered': 'who did it is not known yet: CloudTrail takes up to 15 minutes',
  'too old': "who did it cannot be told: it is older than CloudTrail's 90 days",
  'no event': 'who did it is not in CloudTrail',
  'not asked': 'who did it is not known: CloudTrail could not be read',
};

/** `PROD is on 1 since 2026-11-22 16:51 UTC, rolled back by bob, because INC-7.`: for the person who will be asked. */
export function standingText({ alias, move, withdrawn }: AliasStanding): Html {
  if (!move) return html`<strong>${alias}</strong>: where it stands is not known, its newest record cannot be read.`;
  const { to, from, time, kind, undone, reason, person } = move;
  const by = byWhom(person);
  const how = undone
    ? html`when the release of ${from ?? 'none'}${by} failed and was undone`
    : html`${moveVerb(kind)}${by}${reason === null ? '' : html`, because “${reason}”`}`;
  const nobody = NOBODY[person.end];
  const ends = [
    ...(nobody === undefined ? [] : [html`; ${nobody}`]),
    ...(reason === null && !undone ? [html`; no reason was given`] : []),
  ];
  return html`<strong>${alias} is on ${to ?? 'no version'}</strong> since ${timeElement(new Date(time))}, ${how}${ends}.${isWithdrawn(move, withdrawn) ? html` <span class="bad">Version ${to ?? ''} is withdrawn: its callers are refused.</span>` : ''}`;
}

function isWithdrawn({ to }: LogRow, withdrawn: readonly number[]): boolean {
  return to !== null && withdrawn.includes(to);
}

/** The person alone, without the roles in between, which the table has. */
function byWhom(person: Person): string {
  if (person.end === 'one of') return ` by ${personText(person, '→')}`;
  const [first] = person.links;
  if (!first) return '';
  const name = personText({ links: [first], end: 'person' }, '→').replace(/^user\//, '');
  return person.end === 'not found' || person.end === 'other account' ? ` by somebody as ${name}` : ` by ${name}`;
}

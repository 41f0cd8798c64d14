import type { PersonChain, PersonLink } from '../../core/audit/person-chain';
import type { Person } from '../../core/audit/release-log';

const WITHOUT: Readonly<Record<string, string>> = {
  'not delivered': 'not yet delivered: CloudTrail takes up to 15 minutes',
  'too old': "cannot be told: older than CloudTrail's 90 days; --trail-bucket reads the trail's files",
  'no event': 'not in CloudTrail',
  'not asked': 'CloudTrail could not be read',
  controller: 'the controller',
  'no trail': "cannot be told: who called the controller stands in a trail's files only; --trail-bucket reads them",
  'not logged': 'cannot be told: no trail logged the calls of the controller then',
};

/** The whole chain in one line, the person first; or why there is none. */
export function personText(person: Person, arrow: string): string {
  if (person.end === 'one of') {
    const names = [...new Set(person.among.map((one) => chainText(one, arrow)))];
    return names.length === 1 ? `perhaps ${names[0]}` : `one of: ${names.join('; ')}`;
  }
  return person.links.length === 0 ? (WITHOUT[person.end] ?? person.end) : chainText(person as PersonChain, arrow);
}

function chainText({ links, end }: PersonChain, arrow: string): string {
  const names = links.map(linkText);
  if (end === 'not found') return [`? (who took this role is not in CloudTrail's reach)`, ...names].join(` ${arrow} `);
  if (end === 'other account') return [`? (see CloudTrail of that account)`, ...names].join(` ${arrow} `);
  return names.join(` ${arrow} `);
}

/** `user/alice`, `role/Deployer as alice@example.com (source identity alice)`. */
export function linkText({ who, sessionName, sourceIdentity }: PersonLink): string {
  const role = /:assumed-role\/([^/]+)\//.exec(who)?.[1];
  const name = role ? `role/${role}` : who.replace(/^arn:[^:]*:(?:iam|sts)::\d{12}:/, '');
  return [
    name,
    ...(sessionName ? [`as ${sessionName}`] : []),
    ...(sourceIdentity ? [`(source identity ${sourceIdentity})`] : []),
  ].join(' ');
}

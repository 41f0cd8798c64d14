import { describe, expect, it } from 'vitest';
import { surveyLedger } from '../../../core/audit/ledger-survey';
import { type Person, releaseLog } from '../../../core/audit/release-log';
import { StackOperations } from '../../../core/audit/stack-operations';
import { type TrailEvent, trailEvent } from '../../../core/audit/trail-event';
import { archiveKey, claimKey } from '../../../core/ledger/layout';

const ACCOUNT = '123456789012';
const stackArn = (id: string, name = 'Prompts') => `arn:aws:cloudformation:us-east-1:${ACCOUNT}:stack/${name}/${id}`;
const [STACK, DELETED] = [stackArn('2'), stackArn('1')];
const PROMPT_ID = 'ABCDEFGHIJ';
const DIGEST = `pd1:${'a'.repeat(64)}`;
/** 10:00:00 and so many seconds. */
const at = (seconds: number) => new Date(Date.parse('2026-11-29T10:00:00Z') + seconds * 1000).toISOString();

interface Call {
  readonly token?: string;
  readonly name?: string;
  /** What the event tells of its stack. */
  readonly request?: object;
  readonly response?: object | null;
}

function call(
  userName: string,
  seconds: number,
  { token, name = 'UpdateStack', request, response }: Call = {},
): TrailEvent {
  const event = trailEvent({
    ...{ eventID: `${userName}-${seconds}`, eventName: name, eventTime: at(seconds), awsRegion: 'us-east-1' },
    ...{ eventSource: 'cloudformation.amazonaws.com' },
    userIdentity: { type: 'IAMUser', arn: `arn:aws:iam::${ACCOUNT}:user/${userName}`, accountId: ACCOUNT, userName },
    requestParameters: { ...(request ?? { stackName: 'Prompts' }), ...(token && { clientRequestToken: token }) },
    responseElements: response === undefined ? { stackId: STACK } : response,
  });
  if (!event) throw new Error('no event');
  return event;
}

const written = (key: string, body: object, seconds: number) => ({
  ...{ key, body: JSON.stringify(body) },
  versions: [{ versionId: key, time: at(seconds), marker: false }],
});

/** Who published a version that was archived at second 20, claimed at 18. */
function publisher(events: TrailEvent[], more: object = {}, young = false): Person | undefined {
  const survey = surveyLedger([
    written(claimKey(PROMPT_ID, DIGEST, 0), { stackId: STACK }, 18),
    written(archiveKey(PROMPT_ID, 1, DIGEST), more, 20),
  ]);
  const covered = { from: at(-1e6), to: at(young ? 10 : 1e6) };
  return releaseLog({ survey, operations: new StackOperations(events), issuers: new Map(), covered })[0]?.person;
}

const names = (person: Person | undefined) => {
  const chains = person?.end === 'one of' ? person.among : person ? [person] : [];
  return chains.map(({ links }) => links[0]?.who.split('/').pop());
};

describe('Who published a version', () => {
  const [jane, bob] = [call('jane', 0, { token: 'deploy' }), call('bob', 40, { token: 'promote' })];

  it('is told by the token in the archive, whatever began before and after', () => {
    const early = call('carol', 19, { token: 'other' });
    expect(names(publisher([jane, early, bob], { stackId: STACK, operation: 'deploy' }))).toEqual(['jane']);
    expect(publisher([early, bob], { stackId: STACK, operation: 'deploy' })).toMatchObject({
      links: [],
      end: 'no event',
    });
  });

  it('is not told by a token of another stack', () => {
    const other = call('eve', 0, { token: 'deploy', request: { stackName: 'Other' }, response: null });
    expect(publisher([other], { stackId: STACK, operation: 'deploy' })).toMatchObject({ links: [], end: 'no event' });
  });

  it('is, in an older archive, the last one before, not one who came within a minute', () => {
    expect(names(publisher([jane, bob]))).toEqual(['jane']);
    expect(publisher([jane, bob])?.end).toBe('person');
    expect(publisher([bob])).toMatchObject({ links: [], end: 'no event' });
  });

  it('is one of those who began in the same moment, or between claim and archive', () => {
    for (const second of [17, 18, 19, 20, 21]) {
      const person = publisher([jane, call('bob', second)]);
      expect([person?.end, names(person)]).toEqual(['one of', ['jane', 'bob']]);
    }
  });

  it('had no token where the archive says so', () => {
    const noToken = { stackId: STACK, operation: null };
    expect(names(publisher([call('carol', 0), call('bob', 19, { token: 'x' })], noToken))).toEqual(['carol']);
    expect(publisher([jane], noToken)).toMatchObject({ links: [], end: 'no event' });
  });

  it('is nobody who worked on a deleted stack of that name', () => {
    const [made, gone] = [{ response: { stackId: DELETED } }, { name: 'DeleteStack', response: null }];
    expect(publisher([call('eve', 10, made)])).toMatchObject({ links: [], end: 'no event' });
    expect(publisher([call('eve', 5, made), call('eve', 10, gone)])).toMatchObject({ links: [], end: 'no event' });
    const byName = { name: 'ExecuteChangeSet', response: null, request: { stackName: 'Prompts', changeSetName: 'a' } };
    const prepared = { name: 'CreateChangeSet', response: { stackId: DELETED, id: 'arn:x' } };
    expect(publisher([call('eve', 5, prepared), call('eve', 6, byName)])).toMatchObject({ links: [], end: 'no event' });
    expect(names(publisher([call('eve', 5, made), call('jane', 8, { name: 'CreateStack' })]))).toEqual(['jane']);
    const renewed = { name: 'CreateChangeSet', response: { stackId: STACK, id: 'arn:y' } };
    expect(names(publisher([call('eve', 5, made), call('jane', 7, renewed), call('jane', 8, byName)]))).toEqual([
      'jane',
    ]);
  });

  it('is perhaps one whose event does not tell its stack', () => {
    const byArn = { name: 'ExecuteChangeSet', response: null, request: { changeSetName: 'arn:aws:x:changeSet/a/b' } };
    const person = publisher([call('dan', 10, byArn)]);
    expect([person?.end, names(person)]).toEqual(['one of', ['dan']]);
    expect(names(publisher([jane, call('dan', 10, byArn)]))).toEqual(['jane', 'dan']);
  });

  it('is not told yet while a later one may not be delivered', () => {
    expect(publisher([jane], {}, true)).toMatchObject({ links: [], end: 'not delivered' });
    expect(names(publisher([jane], { operation: 'deploy' }, true))).toEqual(['jane']);
  });
});

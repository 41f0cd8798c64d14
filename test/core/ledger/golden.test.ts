import { describe, expect, it } from 'vitest';
import { verifyChain } from '../../../core/ledger/chain';
import { readableRecordsIn, recordsIn } from '../../../core/ledger/entries';
import { placesOf } from '../../../core/ledger/places';
import { parseRecord, recordDigest, serializeRecord } from '../../../core/ledger/record';
import { schemaFields } from '../../../core/ledger/record-schema-2';
import { callableVersions, standings } from '../../../core/release/standing';
import { bodyAfter, changedBody, GOLDEN_BODIES, goldenEntries } from './golden-bodies';

const [first = '', consent = '', rollout = '', settled = '', undone = '', back = '', withdrawal = ''] = GOLDEN_BODIES;

/** Newest first. */
async function* entriesOf(...bodies: string[]) {
  for (const [index, body] of [...bodies].reverse().entries()) yield { sequence: bodies.length - index, body };
}

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of source) found.push(item);
  return found;
}

const bad = (message: string) =>
  expect.objectContaining({ code: 'BadLedgerRecord', message: expect.stringContaining(message) });

describe('The golden bodies', () => {
  it('are of the schema that what they say needs', () => {
    for (const body of GOLDEN_BODIES) {
      const { rollout = null, passed = null, ended = null, ...record } = parseRecord(body);
      expect(serializeRecord({ ...record, ...schemaFields({ rollout, passed, ended }) })).toBe(body);
    }
  });

  it('have the digests they had on the first day', () => {
    expect(GOLDEN_BODIES.map(recordDigest)).toEqual([
      '6fe4c07bed7577a40c73d676191758d673194fb9fe3045188ca869187df3b224',
      'a83d6836ec77c9c07a368391acb0eaa611695a0fe8a88e006fed7626d249087e',
      'a7c8840a97151912b5802f01d401457d0754c67497585cdd4874e2bc8f398329',
      '14886bc76e515addff0f59e7de6cbc52279c42a4a1edec415c1224417d935101',
      'edd71e250d207c58ec2e5133562da80cc4264a2d720defb0a4333ecd6e75c6ff',
      'd3b2ddd36ce3567b6a4db482e374e54fd992fddb94a23aade8bb6d1f8f7ac727',
      '3b37ffcc899aa7da9bca6185d43f4ad5e8080e9e041ee3c12b4174d4a034c7f6',
    ]);
  });

  it('are read, and are canonical', () => {
    expect(GOLDEN_BODIES.map((body) => serializeRecord(parseRecord(body)))).toEqual(GOLDEN_BODIES);
    expect(GOLDEN_BODIES.map((body) => parseRecord(body).schema)).toEqual([1, 2, 2, 2, 2, 2, 1]);
  });

  it('are one chain that holds', () => {
    expect(verifyChain(goldenEntries())).toMatchObject({ findings: [], notes: [] });
  });

  it('say which versions were served', async () => {
    const versions = async (...bodies: string[]) =>
      (await all(standings(recordsIn(entriesOf(...bodies))))).map(({ version }) => version);
    expect(await versions(first, consent)).toEqual([3, 2]);
    expect(await versions(first, consent, rollout)).toEqual([3, 4, 2]);
    expect(await versions(first, consent, rollout, settled)).toEqual([4, 3, 2]);
    expect(await versions(first, consent, rollout, settled, undone)).toEqual([3, 4, 2]);
    expect(await versions(first, consent, rollout, settled, undone, back)).toEqual([2, 3, 4]);
    const callable = (target: number) =>
      callableVersions({ target, size: 3, withdrawn: [3], history: recordsIn(entriesOf(...GOLDEN_BODIES)) });
    expect(await callable(2)).toEqual([2, 4]);
  });

  it('say so as well where a release that replaced a rollout was undone', async () => {
    const { rollout: plan } = JSON.parse(rollout);
    const candidate = { ...plan.candidate, version: 5 };
    const replaced = bodyAfter(rollout, { kind: 'rollout', rollout: { ...plan, plan: 4, candidate } });
    const again = bodyAfter(replaced, { undo: true, rollout: plan });
    const versions = (await all(standings(recordsIn(entriesOf(first, consent, rollout, replaced, again))))).map(
      ({ version }) => version,
    );
    expect(versions).toEqual([3, 4, 2]);
  });
});

describe('A record of schema 2', () => {
  it('may have fields and kinds that are not known here', () => {
    const newer = changedBody(consent, { kind: 'approve', colour: 'red' });
    expect(parseRecord(newer)).toMatchObject({ kind: 'approve', to: { version: 3 } });
    const inside = changedBody(rollout, { rollout: { ...JSON.parse(rollout).rollout, pace: 'slow' } });
    expect(parseRecord(inside).rollout?.candidate.version).toBe(4);
  });

  it.each<[string, string, Record<string, unknown>]>([
    ['lacks requires', consent, { requires: undefined }],
    ['a bad requires', consent, { requires: 'rollout' }],
    ['a bad kind', consent, { kind: 'Promote!' }],
    ['to must be an object', consent, { to: '3' }],
    ['an unknown field name', consent, { to: { ...JSON.parse(consent).to, name: 'x' } }],
    ['lacks ended', consent, { ended: undefined }],
    ['a bad passed', consent, { passed: { how: 'bribed' } }],
    ['a bad steps', rollout, { rollout: { ...JSON.parse(rollout).rollout, steps: [50, 5] } }],
    ['a bad for', rollout, { rollout: { ...JSON.parse(rollout).rollout, for: -1, scores: [] } }],
    ['lacks scores', rollout, { rollout: { ...JSON.parse(rollout).rollout, for: 3_600 } }],
    ['lacks for', rollout, { rollout: { ...JSON.parse(rollout).rollout, scores: ['helpful'] } }],
    ['a bad scores', rollout, { rollout: { ...JSON.parse(rollout).rollout, for: 3_600, scores: 'a' } }],
    ['a bad key', rollout, { rollout: { ...JSON.parse(rollout).rollout, key: 'user' } }],
    ['a bad head', settled, { ended: { plan: 3, n: 3, head: 'c' } }],
    [
      'a bad sha256',
      consent,
      { passed: { ...JSON.parse(consent).passed, reviews: [{ key: 'k', sha256: null, time: '2026-12-02' }] } },
    ],
  ])('%s: refused', (message, body, change) => {
    expect(() => parseRecord(changedBody(body, change))).toThrow(bad(message));
  });

  it('that ended a rollout whose steps could not be read any more is one', () => {
    expect(parseRecord(changedBody(back, { ended: { plan: 3, n: null, head: null } })).ended?.plan).toBe(3);
  });
});

describe('A record that needs more than is known here', () => {
  const newer = changedBody(rollout, { requires: ['rollout', 'shadow'], rollout: { shape: 'new' } });

  it('stops the way forward, and names what it needs', async () => {
    await expect(all(recordsIn(entriesOf(first, consent, newer)))).rejects.toMatchObject({
      code: 'RecordNeedsNewer',
      message: expect.stringMatching(
        /record 3 of financial-analysis PROD, which needs shadow: deploy with the version of cdk-prompt-registry/,
      ),
    });
  });

  it('is taken at its word for places on the way back, and for those who look', async () => {
    expect(placesOf(newer)).toMatchObject({ from: { version: 3 }, to: { version: 3 }, withdrawn: [], undo: false });
    expect(placesOf(newer)?.rollout).toBeUndefined();
    expect((await all(readableRecordsIn(entriesOf(first, consent, newer)))).map(({ sequence }) => sequence)).toEqual([
      3, 2, 1,
    ]);
  });

  it('is noted in a chain that holds', () => {
    const chain = verifyChain([...goldenEntries().slice(0, 2), { ...goldenEntries()[2], body: newer } as never]);
    expect(chain.findings).toEqual([]);
    expect(chain.notes).toMatchObject([{ problem: 'NotJudged', sequence: 3 }]);
    expect(chain.notes[0]?.message).toContain('needs shadow');
  });
});

describe('On the way back', () => {
  it.each([
    ['schema 1 with a field too many', changedBody(withdrawal, { approvedBy: 'me' })],
    ['schema 3', changedBody(withdrawal, { schema: 3 })],
    ['schema 2 without what it must have', changedBody(withdrawal, { schema: 2 })],
  ])('a record of %s tells its place', (_, body) => {
    expect(() => parseRecord(body)).toThrow(bad(''));
    expect(placesOf(body)).toMatchObject({ from: { version: 2 }, to: { version: 2 }, withdrawn: [3] });
    expect(verifyChain([{ key: goldenEntries()[6]?.key ?? '', body }]).findings[0]?.problem).toBe('BadRecord');
  });

  it.each(['', '{', 'null', '7', '[]', '{}', '{"schema":3,"to":7}', '{"to":{"version":1}}'])(
    '%j tells none',
    (body) => {
      expect(placesOf(body)).toBeUndefined();
    },
  );

  it('what is not well-formed is left out', () => {
    const body = changedBody(withdrawal, { schema: 3, from: 7, withdrawn: 'all', undo: 'yes' });
    expect(placesOf(body)).toMatchObject({ from: null, to: { version: 2 }, withdrawn: [], undo: false });
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { verifyChain } from '../../core/ledger/chain';
import { ledgerKey } from '../../core/ledger/layout';
import { GOLDEN_BODIES } from '../core/ledger/golden-bodies';
import type { event as eventOfToday } from './events';
import { PROMPT_ARN, PROMPT_ID } from './events';
import { ReleaseWorld } from './release-world';

/** The handlers of 0.1.0, from before the reader of schema 2, and the stores of their tests; test/previous/write.ts makes it. */
const FIXTURE = join(__dirname, '../previous/golden/release-world.cjs');
const previous: { ReleaseWorld: new () => ReleaseWorld; event: typeof eventOfToday } = require(FIXTURE);

const STACK_ID = String(JSON.parse(GOLDEN_BODIES[0] ?? '').stackId);
const heads = GOLDEN_BODIES.map((body, index) => [index + 1, String(JSON.parse(body).to.version)] as const);

function worldOf(World: new () => ReleaseWorld, length: number): ReleaseWorld {
  const world = new World();
  for (const [index, body] of GOLDEN_BODIES.slice(0, length).entries()) {
    world.bucket.objects.set(ledgerKey(PROMPT_ID, 'PROD', index + 1), body);
  }
  return world;
}

let requests = 0;

/** An event of the golden records' stack, and of none of their requests. */
function sent(type: 'Update' | 'Delete', properties: Properties, old?: Properties) {
  requests += 1;
  return {
    ...previous.event('PromptAlias', type, properties, old),
    StackId: STACK_ID,
    RequestId: `downgraded-${requests}`,
  };
}

type Properties = ReturnType<typeof place>;

/** What a stack declares for an alias on this version, planned over so many records. */
function place(version: string, revision: number, plannedAt: number) {
  return {
    ...{ AliasName: 'PROD', Version: version, VersionArn: `${PROMPT_ARN}:${version}`, ModelId: 'amazon.nova-pro-v1:0' },
    ...{ ContentDigest: `pd1:${version.repeat(64)}`, WithdrawnVersions: 'none', Direction: 'forward' },
    ...{ Revision: `${revision}`, PlannedAt: `${plannedAt}` },
  };
}

const chainOf = ({ bucket }: ReleaseWorld) =>
  verifyChain([...bucket.objects].map(([key, body]) => ({ key, body })).sort((a, b) => (a.key < b.key ? 1 : -1)));

describe('The handlers of the package before, over a chain that ends with golden record', () => {
  test.each(heads.slice(1))('%i, refuse what goes forward and write nothing', async (length, version) => {
    const world = worldOf(previous.ReleaseWorld, length);
    const before = place(version, length - 1, 1);

    await expect(world.plan('1')).rejects.toMatchObject({ code: 'BadLedgerRecord' });
    const planned = sent('Update', place('1', length, 2), before);
    await expect(world.alias(planned)).rejects.toMatchObject({ code: 'BadLedgerRecord' });
    expect(world.bucket.objects.size).toBe(length);
  });

  test.each(heads)('%i, go back to the right place, and write at most one false `from`', async (length, version) => {
    const world = worldOf(previous.ReleaseWorld, length);
    world.stack.now = 'UPDATE_ROLLBACK_IN_PROGRESS';
    const [before, planned] = [place('1', length - 1, 1), place(version, length, 2)];

    expect(await world.plan('1')).toMatchObject({ Version: '1', Direction: 'back' });
    expect(await world.alias(sent('Update', before, planned))).toMatchObject({
      Version: '1',
      VersionArn: `${PROMPT_ARN}:1`,
    });
    // They take the newest record that they can read for the head.
    const readable = GOLDEN_BODIES.slice(0, length).findLast((body) => JSON.parse(body).schema === 1) ?? '';
    const believed = String(JSON.parse(readable).to.version);
    const { records, findings } = chainOf(world);
    expect(records.at(-1)).toMatchObject({
      sequence: length + 1,
      from: { version: Number(believed) },
      to: { version: 1 },
    });
    const falseFrom =
      believed === version ? [] : [expect.objectContaining({ problem: 'WrongFrom', sequence: length + 1 })];
    expect(findings).toEqual(falseFrom);

    // From here on they read their own record: going back once more and removing add nothing false.
    await world.alias(sent('Update', place('2', 0, 1), place('1', length - 1, 3)));
    await world.alias(sent('Delete', place('2', 0, 1)));
    expect(
      chainOf(world)
        .records.slice(length)
        .map(({ from, to }) => [from?.version, to?.version]),
    ).toEqual([
      [Number(believed), 1],
      [1, 2],
      [2, undefined],
    ]);
    expect(chainOf(world).findings).toEqual(falseFrom);
  });

  test.each(heads)(
    '%i, leave a chain that this package goes on with, from where the alias is',
    async (length, version) => {
      const downgraded = worldOf(previous.ReleaseWorld, length);
      downgraded.stack.now = 'UPDATE_ROLLBACK_IN_PROGRESS';
      await downgraded.alias(sent('Update', place('1', length - 1, 1), place(version, length, 2)));
      const world = new ReleaseWorld();
      for (const [key, body] of downgraded.bucket.objects) world.bucket.objects.set(key, body);

      const stored = place('1', length - 1, 1);
      const planned = { ...world.aliasProperties(await world.plan('2')) };
      await world.alias(sent('Update', planned as Properties, stored));
      expect(world.chain().records.at(-1)).toMatchObject({
        sequence: length + 2,
        from: { version: 1 },
        to: { version: 2 },
      });
      expect(world.chain().findings).toHaveLength(chainOf(downgraded).findings.length);
    },
  );
});

test('The fixture is small', () => {
  expect(readFileSync(FIXTURE).length).toBeLessThan(40_000);
});

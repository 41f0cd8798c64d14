import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as today from '../../lib';
import { BEFORE_TURNS, PreviousPackage } from '../previous/previous-package';
import { idOf, RegistryBench } from './registry-bench';
import { fill, STACK } from './upgrade-app';

const PATIENCE = 300_000;
const COMPLETE = { status: 'UPDATE_COMPLETE', failures: [] };
const [FIRST, SECOND, THIRD] = ['Explain {{ticker}}', 'Explain {{ticker}} well', 'Explain {{ticker}} best'] as const;
const RELEASED = { advisor: { PROD: '1', STAGING: '2' }, sorter: { PROD: '2', STAGING: '2' } };

let previous: PreviousPackage | undefined;
let bench: RegistryBench;

beforeAll(() => {
  previous = new PreviousPackage(BEFORE_TURNS);
}, PATIENCE);
afterAll(() => previous?.remove());

/** A stack of the previous package, with its constructs and handlers, that has a history. */
beforeEach(async () => {
  bench = await RegistryBench.start({ stack: STACK, parameterPrefix: '/prompts/test', promptName: 'advisor' });
  const before = async (text: string) =>
    bench.deployer.publish(STACK, previous?.synthesize('test/e2e/upgrade-app.ts', text) ?? '');
  expect((await bench.deploy(await before(FIRST))).failures).toEqual([]);
  expect(await bench.deploy(await before(SECOND), { AdvisorProdVersion: '1', SorterProdVersion: '1' })).toEqual(
    COMPLETE,
  );
  expect(await bench.deploy(await before(SECOND), { SorterProdVersion: '2' })).toEqual(COMPLETE);
  expect((await state()).pointers).toEqual(RELEASED);
}, PATIENCE);
afterEach(() => bench.aws.stop());

const synthesize = (text: string, failing = false) =>
  bench.synthesize((stack) => fill(stack, today, { text, failing }));

/** Where every alias of both prompts points, and how its chain, which must verify, ends. */
async function state() {
  const reader = await bench.reader();
  const pointers: Record<string, Record<string, string>> = {};
  const heads: Record<string, string> = {};
  const lengths: Record<string, number> = {};
  const versions: Record<string, number[]> = {};
  for (const promptName of ['advisor', 'sorter']) {
    const promptArn = await bench.promptArn(promptName);
    versions[promptName] = await bench.versions(promptArn);
    pointers[promptName] = {};
    for (const { aliasName, versionArn } of await reader.aliases(promptName)) {
      const { records, findings } = await reader.ledger(idOf(promptArn), aliasName);
      expect(findings).toEqual([]);
      const name = `${promptName}/${aliasName}`;
      pointers[promptName][aliasName] = versionArn.split(':').at(-1) ?? '';
      heads[name] = String(records.at(-1)?.to?.version);
      lengths[name] = records.length;
    }
  }
  return { pointers, heads, lengths, versions };
}

describe.skipIf(!PreviousPackage.isThere(BEFORE_TURNS))(
  'A stack of the package before this one',
  { timeout: PATIENCE },
  () => {
    it('is upgraded without a move, a record or a version, and then releases as any other', async () => {
      const before = await state();
      expect(await bench.deploy(await synthesize(SECOND))).toEqual(COMPLETE);
      expect(await state()).toEqual(before);

      expect(await bench.deploy(await synthesize(THIRD), { AdvisorProdVersion: '2' })).toEqual(COMPLETE);
      const after = await state();
      expect(after.pointers).toEqual({ advisor: { PROD: '2', STAGING: '3' }, sorter: { PROD: '2', STAGING: '3' } });
      expect(after.heads).toEqual({
        'advisor/PROD': '2',
        'advisor/STAGING': '3',
        'sorter/PROD': '2',
        'sorter/STAGING': '3',
      });
    });

    it('is back where it was when the upgrade itself fails after its aliases moved, and the next one passes', async () => {
      const before = await state();
      const failed = await bench.deploy(await synthesize(THIRD, true), {
        AdvisorProdVersion: '2',
        SorterProdVersion: '1',
      });
      expect(failed.status).toBe('UPDATE_ROLLBACK_COMPLETE');

      const after = await state();
      expect({ pointers: after.pointers, heads: after.heads }).toEqual({
        pointers: before.pointers,
        heads: before.heads,
      });
      expect(await bench.deploy(await synthesize(THIRD), { AdvisorProdVersion: '2' })).toEqual(COMPLETE);
      expect((await state()).pointers).toEqual({
        advisor: { PROD: '2', STAGING: '3' },
        sorter: { PROD: '2', STAGING: '3' },
      });
    });

    it('is back where it was when a release after the upgrade fails', async () => {
      expect(await bench.deploy(await synthesize(SECOND))).toEqual(COMPLETE);
      const before = await state();
      const failed = await bench.deploy(await synthesize(THIRD, true), {
        AdvisorProdVersion: '2',
        SorterProdVersion: '1',
      });
      expect(failed.status).toBe('UPDATE_ROLLBACK_COMPLETE');

      const after = await state();
      expect({ pointers: after.pointers, heads: after.heads }).toEqual({
        pointers: before.pointers,
        heads: before.heads,
      });
      expect(await bench.deploy(await synthesize(SECOND), { AdvisorProdVersion: '2' })).toEqual(COMPLETE);
      expect((await state()).pointers.advisor).toEqual({ PROD: '2', STAGING: '2' });
    });
  },
);

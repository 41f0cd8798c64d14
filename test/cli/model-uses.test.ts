import { expect, test } from 'vitest';
import { usesOf } from '../../cli/models/model-uses';
import { parseRecord } from '../../core/ledger/record';
import { versionsIn } from '../../core/ledger/versions-in';
import { replayed } from '../../core/release/replayed';
import { ROLLOUT, RolloutWorld } from '../lambda/rollout-world';

const { candidate } = ROLLOUT;

const records = () => {
  const { objects } = new RolloutWorld().start().bucket;
  const keys = [...objects.keys()].filter((key) => key.startsWith('ledger/')).sort();
  return keys.map((key) => parseRecord(objects.get(key) ?? ''));
};

async function* history() {
  yield* records();
}

test('a version that is rolled out runs on the model that its record says, before the alias moves to it', async () => {
  const uses = await usesOf({ version: 3, callable: [3, candidate.version], history: replayed(history()) });
  const { digest, model } = candidate;
  expect(uses).toContainEqual({ version: candidate.version, live: false, digest, model });
});

test('a record names where the alias is, where it was, and what it rolls out', () => {
  const [newest] = records();
  expect(newest && versionsIn(newest)).toContainEqual(candidate);
  const one = { version: 1, digest: candidate.digest, model: null };
  expect(versionsIn({ to: null, from: one, rollout: null })).toEqual([one]);
});

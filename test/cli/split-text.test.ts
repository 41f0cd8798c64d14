import { describe, expect, test } from 'vitest';
import { historyText } from '../../cli/history-text';
import { lengthText } from '../../cli/length-text';
import { releaseText, runningSplit } from '../../cli/release/release-change';
import type { ReleaseRequest } from '../../cli/release/release-request';
import { rolloutState } from '../../cli/rollout/rollout-state';
import { runningRollout, runningText } from '../../cli/rollout/running-rollout';
import type { LogRow } from '../../core/audit/release-log';
import { parseRecord } from '../../core/ledger/record';
import { replayed } from '../../core/release/replayed';
import { startedRollout, startText } from '../../core/rollout/started-rollout';
import { moveText } from '../../studio/audit-page/row-text';
import { MINUTE, ROLLOUT, RolloutWorld, START } from '../lambda/rollout-world';
import { fakeTerminal } from './fake-terminal';

const { steps: _, ...rest } = ROLLOUT;
const SPLIT = { ...rest, steps: [50], for: 86_400, scores: ['helpful'] };

/** Newest first, as the command reads them. */
const records = (world: RolloutWorld) =>
  [...world.bucket.objects.keys()]
    .filter((key) => key.startsWith('ledger/'))
    .sort()
    .map((key) => parseRecord(world.bucket.objects.get(key) ?? ''));

async function* history(world: RolloutWorld) {
  yield* records(world);
}

const running = async (world: RolloutWorld) =>
  runningRollout(replayed(history(world)), world.progress ?? undefined, new Date(world.now));
const text = async (world: RolloutWorld) => {
  const found = await running(world);
  return found && runningText(found);
};

describe('A split', () => {
  test('is shown with its end, then as over, also where a later record took it over, and halted', async () => {
    const world = await new RolloutWorld(SPLIT).start().wait(5);
    expect(await text(world)).toBe('4 at 50 % until 2026-12-03 09:00 UTC');
    world.record({
      ...{ schema: 2, kind: 'withdraw', withdrawn: [1], requires: ['rollout'], rollout: SPLIT },
      ...{ passed: null, ended: null, time: new Date(START + 60 * MINUTE).toISOString() },
    });
    expect(await running(world)).toMatchObject({ ends: '2026-12-03T09:00:30.000Z', over: false, share: 50 });
    world.now = START + 24 * 60 * MINUTE;
    expect(await text(world)).toBe('4 over since 2026-12-03 09:00 UTC');
    await world.event({ halt: { prompt: 'financial-analysis', alias: 'PROD' } });
    expect(await text(world)).toBe('4 halted');
    const steps = await new RolloutWorld().start().wait(5);
    expect(await text(steps)).toBe('4 at 5 %');
    expect(await running(steps)).not.toHaveProperty('over');
  });

  test('is told where it begins, with its end, and one in steps without', () => {
    const began = (world: RolloutWorld) =>
      records(world)
        .flatMap((record) => startedRollout(record) ?? [])
        .map(startText);
    expect(began(new RolloutWorld(SPLIT).start())).toEqual(['rolls out 4 at 50 % until 2026-12-03 09:00 UTC']);
    expect(began(new RolloutWorld().start())).toEqual(['rolls out 4']);
  });

  test('is told where it ends, by the record that began it, in the history and in the audit log', () => {
    const world = new RolloutWorld(SPLIT).start().end();
    const { terminal } = fakeTerminal(200, { NO_COLOR: '1' });
    const history = { prompt: 'p', stack: 's', alias: 'PROD', version: 3, findings: [], notes: [] };
    const text = historyText(
      { ...history, records: records(world).reverse() },
      { since: undefined, count: 9 },
      terminal,
    );
    expect(text).toMatch(/^#3 .*\d → \d, ends rollout #2 live$/m);
    expect(text).toMatch(/^#2 .*\d → \d, rolls out 4 at 50 % until 2026-12-03 09:00 UTC$/m);
    const row = { kind: 'promote', from: 3, to: 4, withdrawn: [2], ends: 7 } as unknown as LogRow;
    expect(moveText(row, '→', 'none')).toBe('3 → 4, ends rollout #7, withdrawn 2');
  });

  test('is waiting, under way, over, or halted', async () => {
    const world = new RolloutWorld(SPLIT).start();
    const began = new Date(START).toISOString();
    const state = (now = world.now) =>
      rolloutState({ rollout: SPLIT, began, steps: world.steps, until: world.progress?.until }, new Date(now));
    const over = { state: 'over', ends: '2026-12-03T09:00:30.000Z' };
    expect(state()).toEqual({ state: 'waiting' });
    expect(state(START + 86_400_000)).toEqual(over);
    await world.wait(5);
    expect(state()).toMatchObject({ state: 'step', share: 50, ends: over.ends, next: undefined });
    expect(state(START + 86_400_000 - 1)).toMatchObject({ state: 'lost' });
    expect(state(START + 86_400_000)).toEqual(over);
    await world.event({ halt: { prompt: 'financial-analysis', alias: 'PROD' } });
    expect(state(START + 86_400_000)).toMatchObject({ state: 'halted' });
  });

  test.each([
    ['settled', 4, null, '3 → 4, settles the rollout before its end'],
    ['ended', 3, null, '3, ends the rollout of 4 before its end'],
    ['moved past', 5, null, '3 → 5, ends the rollout of 4 before its end'],
    ['replaced', 3, 5, '3, rolls out 5 instead of 4, before its end'],
  ])('that is %s says so where it has not ended, and no more once it is over, or halted', (_, to, candidate, said) => {
    const ends = '2026-12-03T09:00:30.000Z';
    const request = (more: object) => {
      const rollout = { candidate: 4, plan: 7, steps: [50], share: 50, halted: false, ends, over: false, ...more };
      return { state: { version: 3, rollout }, to, candidate } as unknown as ReleaseRequest;
    };
    expect(releaseText(request({}), '→')).toBe(said);
    expect(runningSplit(request({}))).toEqual({ candidate: 4, ends, over: false });
    expect(runningSplit(request({ over: true }))).toEqual({ candidate: 4, ends, over: true });
    const inSteps = { ends: undefined, over: undefined };
    const atAnyTime = said.replace(/,? before its end/, '');
    for (const other of [{ over: true }, inSteps]) expect(releaseText(request(other), '→')).toBe(atAnyTime);
    // To give everybody what was taken back from everybody is a question of its own.
    const halted = atAnyTime.replace('settles the', 'settles the halted');
    expect(releaseText(request({ halted: true }), '→')).toBe(halted);
    for (const other of [{ halted: true }, inSteps]) expect(runningSplit(request(other))).toBeUndefined();
  });

  test.each([
    [14 * 86_400, '14 days'],
    [86_400, '1 day'],
    [36 * 3_600, '36 hours'],
    [3_600, '1 hour'],
    [5_400, '90 minutes'],
    [3_601, '3601 seconds'],
  ])('of %d seconds lasts %s', (seconds, length) => {
    expect(lengthText(seconds)).toBe(length);
  });
});

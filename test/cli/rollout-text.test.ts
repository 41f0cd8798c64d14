import { describe, expect, it } from 'vitest';
import type { RolloutReading } from '../../cli/rollout/read-rollout';
import { rolloutText } from '../../cli/rollout/rollout-text';
import type { Rollout } from '../../core/ledger/record-schema-2';
import type { RolloutStep } from '../../core/ledger/rollout-step';
import { fakeTerminal } from './fake-terminal';

const AT = '2026-11-29T16:40:00.000Z';
const UNTIL = '2026-11-29T17:10:00.000Z';

const step = (more: Partial<RolloutStep> = {}): RolloutStep => ({
  ...{ schema: 1, plan: 7, n: 1, kind: 'step', step: 0, at: AT, by: 'controller', reason: null, evidence: {} },
  ...{ time: '2026-11-29T16:38:30.000Z', previous: '0'.repeat(64) },
  ...more,
});

/** What the first line says after the versions. */
function said(time: string, steps: readonly RolloutStep[]): string | undefined {
  return lines(time, steps)[0]?.replace(/^letters PROD {2}3 → 4 {3}/, '');
}

function lines(time: string, steps: readonly RolloutStep[], split: Pick<Rollout, 'for'> = {}): string[] {
  const candidate = { version: 4, digest: `pd1:${'0'.repeat(64)}`, model: null };
  const settings = { steps: [5, 50], bake: 600, minimum: 50, key: 'session' as const, guards: ['errors'] };
  const reading: RolloutReading = {
    ...{ prompt: 'letters', alias: 'PROD', stable: 3, running: undefined, until: UNTIL, began: AT, notes: [] },
    ...{ rollout: { plan: 7, candidate, ...settings, ...split }, steps, verdict: undefined },
  };
  const { terminal } = fakeTerminal(undefined, { NO_COLOR: '1' });
  return rolloutText(reading, new Date(time), terminal).split('\n');
}

describe('What rollout status says of a step', () => {
  it.each([
    ['not recorded', '2026-11-29T16:38:00Z', [], 'begins with the next minute'],
    [
      'ahead',
      '2026-11-29T16:39:59Z',
      [step()],
      '5 % from 2026-11-29 16:40:00 UTC, 50 % not before 2026-11-29 16:50:00 UTC',
    ],
    ['begun', AT, [step()], '5 % since 2026-11-29 16:40:00 UTC, 50 % not before 2026-11-29 16:50:00 UTC'],
    [
      'the last one, ahead',
      AT,
      [step({ step: 1, at: '2026-11-29T16:52:00.000Z' })],
      '50 % from 2026-11-29 16:52:00 UTC, the last step',
    ],
    ['that nobody looks after', UNTIL, [step()], '0 % since 2026-11-29 17:10:00 UTC: the controller is not there'],
    [
      'halted',
      UNTIL,
      [step(), step({ n: 2, kind: 'halt', reason: 'complaints' })],
      'halted at 2026-11-29 16:40:00 UTC: complaints',
    ],
  ])('that is %s', (_, time, steps, expected) => {
    expect(said(time, steps)).toBe(expected);
  });

  it('says what comes after the end of a split, and what comes of not waiting for it', () => {
    const began = { for: 7_200 };
    expect(lines('2026-11-29T16:50:00Z', [step()], began)).toEqual([
      'letters PROD  3 → 4   5 % since 2026-11-29 16:40:00 UTC, until 2026-11-29 18:40:00 UTC',
      '  compare both: prompt-registry rollout readout letters PROD',
      '  everybody gets 3 from then on; to settle or end it before stops the comparison early',
    ]);
    expect(lines('2026-11-29T16:50:00Z', [step({ kind: 'halt' })], began).join()).not.toContain('comparison');
  });

  it('names the command that compares both versions, once a split is over', () => {
    expect(lines('2026-11-29T17:40:00Z', [step()], { for: 3_600 })).toEqual([
      'letters PROD  3 → 4   over since 2026-11-29 17:40:00 UTC, everybody gets 3',
      '  compare both: prompt-registry rollout readout letters PROD',
      '  settle it: prompt-registry promote letters PROD --to :4; end it: prompt-registry rollback letters PROD',
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { rolloutState } from '../../cli/rollout/rollout-state';
import type { Rollout } from '../../core/ledger/record-schema-2';
import type { RolloutStep } from '../../core/ledger/rollout-step';

const at = (minute: number) => new Date(Date.UTC(2026, 10, 30, 9, minute));
const rollout = { steps: [5, 50], bake: 600 } as unknown as Rollout;
const step = { kind: 'step', n: 1, step: 0, at: at(3).toISOString(), time: at(1).toISOString() } as RolloutStep;
const began = at(0).toISOString();

describe('A rollout whose controller', () => {
  it.each([
    ['has a minute left to begin', { steps: [], until: undefined }, 2, { state: 'waiting' }],
    ['never came', { steps: [], until: undefined }, 3, { state: 'lost' }],
    ['is there', { steps: [step], until: at(40).toISOString() }, 39, { state: 'step', share: 5 }],
    [
      'did not come again',
      { steps: [step], until: at(40).toISOString() },
      40,
      { state: 'lost', until: at(40).toISOString() },
    ],
    ['is about to write what it recorded', { steps: [step], until: undefined }, 3, { state: 'step' }],
    ['is gone, with a parameter that is none again', { steps: [step], until: undefined }, 4, { state: 'lost' }],
  ])('%s', (_, read, minute, state) => {
    expect(rolloutState({ rollout, began, ...read }, at(minute))).toMatchObject(state);
  });
});

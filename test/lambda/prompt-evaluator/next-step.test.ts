import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type JobState,
  LONGEST_JOB,
  LONGEST_WAIT_FOR_ACCESS,
  nextStep,
  type Outcome,
} from '../../../lambda/prompt-evaluator/next-step';

const stepAfter = (outcome: Outcome, more: Partial<JobState> = {}) =>
  nextStep({ outcome, age: 60_000, left: 700_000, ...more });

describe('an evaluator', () => {
  it('concludes what was asked, however old it is and however little time is left', () => {
    expect(stepAfter('asked')).toEqual({ step: 'conclude' });
    expect(stepAfter('asked', { age: 2 * LONGEST_JOB, left: -1 })).toEqual({ step: 'conclude' });
  });

  it('hands on when its time is over', () => {
    expect(stepAfter('out of time')).toEqual({ step: 'hand on' });
    expect(stepAfter('no access', { left: 0 })).toEqual({ step: 'hand on' });
    expect(stepAfter('busy', { left: -5 })).toEqual({ step: 'hand on' });
  });

  it('waits for IAM and for a busy model, and not past its own end', () => {
    expect(stepAfter('no access')).toEqual({ step: 'try again', after: 15_000 });
    expect(stepAfter('no access', { age: 1 })).toEqual({ step: 'try again', after: 2_000 });
    expect(stepAfter('no access', { age: 4_000 })).toEqual({ step: 'try again', after: 4_000 });
    expect(stepAfter('busy')).toEqual({ step: 'try again', after: 60_000 });
    expect(stepAfter('busy', { left: 7 })).toEqual({ step: 'try again', after: 7 });
  });

  it('gives up what nobody will answer, rights after an hour, and everything after a day', () => {
    expect(stepAfter('never')).toEqual({ step: 'give up' });
    expect(stepAfter('no access', { age: LONGEST_WAIT_FOR_ACCESS - 1 })).toMatchObject({ step: 'try again' });
    expect(stepAfter('no access', { age: LONGEST_WAIT_FOR_ACCESS })).toEqual({ step: 'give up' });
    expect(stepAfter('busy', { age: LONGEST_JOB - 1 })).toMatchObject({ step: 'try again' });
    expect(stepAfter('out of time', { age: LONGEST_JOB })).toEqual({ step: 'give up' });
  });

  it('comes to an end whatever befalls it, in invocations of any length', () => {
    const outcome = fc.constantFrom<Outcome>('out of time', 'no access', 'busy');
    fc.assert(
      fc.property(fc.infiniteStream(outcome), fc.integer({ min: 60_000, max: 900_000 }), (outcomes, length) => {
        let now = 0;
        let end = length;
        for (let steps = 0; ; steps += 1) {
          expect(steps).toBeLessThan(20_000);
          const next = nextStep({ outcome: outcomes.next().value, age: now, left: end - now });
          if (next.step === 'give up') break;
          expect(next.step).not.toBe('conclude');
          if (next.step === 'try again') now += next.after;
          // Another invocation begins where this one ended, which had worked until then.
          else [now, end] = [Math.max(now, end), Math.max(now, end) + length];
        }
        return now >= LONGEST_WAIT_FOR_ACCESS;
      }),
    );
  });
});

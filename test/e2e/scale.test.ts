import { describe, expect, it } from 'vitest';
import { measureScale } from '../../bench/scale-run';

/** Bedrock's rates set most of it: 8 prompts, 8 versions and 8 updates at 2 a second. */
const PATIENCE = 300_000;

describe('Eight prompts with two aliases each, in an account with 10 functions at once and the rates of AWS,', () => {
  it('are deployed, get new content and are released without a failed resource or a throttled event', {
    timeout: PATIENCE,
  }, async () => {
    const steps = await measureScale({ prompts: 8, policyPropagation: 1 });

    expect(steps.map(({ name, status, failures }) => ({ name, status, failures }))).toEqual([
      { name: 'first deploy', status: 'CREATE_COMPLETE', failures: [] },
      { name: 'new content everywhere', status: 'UPDATE_COMPLETE', failures: [] },
      { name: 'release of all', status: 'UPDATE_COMPLETE', failures: [] },
    ]);
    // An event without room comes again after 1, 2, 4, … seconds, and in the end not at all.
    expect(steps.map(({ functions }) => functions.throttled)).toEqual([0, 0, 0]);
    // The rates did hold.
    expect(steps[0]?.calls.CreatePrompt?.throttled).toBeGreaterThan(0);
    const [deployed, , released] = steps;
    expect([deployed?.calls.CreatePromptVersion?.calls, released?.calls.CreatePromptVersion]).toEqual([8, undefined]);
  });
});

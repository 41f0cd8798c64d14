import { describe, expect, it } from 'vitest';
import type { Check } from '../../../core/evaluation/evaluation-suite';
import { output, scriptedRun, suiteOf } from './scripted-run';

/** Doubles its time with each letter. */
const TRAP = '^(a+)+$';
const ANSWER = `${'a'.repeat(30)}!`;

describe('An expression that takes for ever', () => {
  it.each<[string, Check, string, string]>([
    ['a regex', { check: 'regex', value: TRAP }, ANSWER, `expected /${TRAP}/ to be decided within a second`],
    [
      'a pattern of a schema',
      { check: 'json-schema', schema: { type: 'string', pattern: TRAP } },
      JSON.stringify(ANSWER),
      'expected a json-schema to be decided within a second',
    ],
  ])('ends the run, which is no verdict: %s', async (_, check, said, message) => {
    const suite = suiteOf(['one', 'two'], { metrics: [{ name: 'shape', check }] });
    await expect(scriptedRun({ suite, atOnce: 1, converse: async () => output(said) })).rejects.toMatchObject({
      code: 'InvalidSuite',
      message: expect.stringContaining(message),
    });
  });
});

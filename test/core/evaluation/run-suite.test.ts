import { describe, expect, it } from 'vitest';
import type { ModelRequest } from '../../../core/evaluation/converse-model';
import { rowsDigest, serializeRun } from '../../../core/evaluation/evaluation-row';
import {
  askedFor,
  file,
  output,
  ScriptedAnswers,
  ScriptedClock,
  scriptedRun,
  serviceError,
  suiteOf,
  version,
} from './scripted-run';

const echo = async (request: ModelRequest) => output(askedFor(request).said);
const passes = (
  rows: readonly { side: string; case: string; metrics: Record<string, { pass: boolean }> }[],
  side: string,
) => rows.filter((row) => row.side === side && row.metrics.echo?.pass).map((row) => row.case);

describe('A run', () => {
  it('asks both sides each case, a critical one of the candidate as often as the suite says', async () => {
    const suite = suiteOf(['a', 'b']);
    const asked: string[] = [];
    const { run, questions, known } = await scriptedRun({
      suite: { ...suite, cases: suite.cases.map((one, index) => (index === 1 ? { ...one, critical: true } : one)) },
      converse: async (request) => {
        const { whom, said } = askedFor(request);
        asked.push(`${whom} ${said}`);
        return output(whom === '3' && said === 'a' ? 'nothing' : said);
      },
    });
    expect(asked.toSorted()).toEqual(['3 a', '3 b', '4 a', '4 b', '4 b', '4 b']);
    expect([questions, known, run.rows.length]).toEqual([6, 0, 6]);
    expect(passes(run.rows, 'live')).toEqual(['c2']);
    expect(run.rows.find((row) => row.side === 'live' && row.case === 'c1')?.metrics).toEqual({
      echo: { pass: false, reason: '"a" is missing' },
    });
    expect(run.candidate).toEqual({
      label: ':4',
      digest: version(4).digest,
      version: 4,
      model: 'amazon.nova-pro-v1:0',
    });
  });

  it('pays for nothing twice: what was answered is kept, and a run that was stopped comes to the same rows', async () => {
    const suite = suiteOf(['a', 'b', 'c', 'd', 'e', 'f']);
    const whole = await scriptedRun({ suite, converse: echo });
    for (let stop = 1; stop < 11; stop++) {
      const answers = new ScriptedAnswers();
      const control = new AbortController();
      const half = scriptedRun({
        ...{ suite, answers, signal: control.signal, atOnce: 1 },
        converse: async (request) => {
          if (answers.kept.size >= stop) control.abort();
          return echo(request);
        },
      });
      await expect(half).rejects.toThrow('the run was stopped');
      const { run, known } = await scriptedRun({ suite, answers, converse: echo });
      expect(known).toBeGreaterThanOrEqual(stop);
      expect(rowsDigest(run.rows)).toBe(rowsDigest(whole.run.rows));
    }
  });

  it('asks again only for what changed: the content, the variables, the model elsewhere', async () => {
    const answers = new ScriptedAnswers();
    let calls = 0;
    const converse = async (request: ModelRequest) => {
      calls += 1;
      return echo(request);
    };
    const asks = async (props: object) => {
      calls = 0;
      await scriptedRun({ suite: suiteOf(['a', 'b']), answers, converse, ...props });
      return calls;
    };
    expect(await asks({})).toBe(4);
    expect(await asks({})).toBe(0);
    expect(await asks({ suite: suiteOf(['a', 'x']) })).toBe(2);
    expect(await asks({ candidate: file() })).toBe(2);
    expect(await asks({ candidate: file('New: {{word}}') })).toBe(2);
    expect(await asks({ candidate: version(3) })).toBe(0);
    expect(await asks({ route: 'http://localhost/v1 llama' })).toBe(4);
  });

  it('has one digest of its rows however fast they came, and no other rows have it', async () => {
    const rows = async (slow: number, answer = 'a') => {
      const clock = new ScriptedClock();
      const { run } = await scriptedRun({
        suite: suiteOf(['a', 'b']),
        clock,
        converse: async (request) => {
          clock.time += slow;
          return output(askedFor(request).said.replace('a', answer));
        },
      });
      return run;
    };
    const [fast, slow, other] = [await rows(1), await rows(900), await rows(1, 'z')];
    expect(serializeRun(fast)).not.toBe(serializeRun(slow));
    expect(rowsDigest(fast.rows)).toBe(rowsDigest(slow.rows.toReversed()));
    expect(rowsDigest(fast.rows)).not.toBe(rowsDigest(other.rows));
  });

  it('waits where a model is busy, all questions together, and loses none', async () => {
    const pauses: number[] = [];
    let calls = 0;
    const { run } = await scriptedRun({
      suite: suiteOf(['a', 'b', 'c', 'd']),
      onBusy: (pause) => pauses.push(pause),
      converse: async (request) => {
        calls += 1;
        if (calls % 3 === 0) throw serviceError('ThrottlingException', 429);
        return echo(request);
      },
    });
    expect(passes(run.rows, 'candidate')).toHaveLength(4);
    expect(pauses.length).toBeGreaterThan(0);
  });

  it('gives up a model that is busy for ten minutes, and says so', async () => {
    const clock = new ScriptedClock();
    const run = scriptedRun({
      ...{ suite: suiteOf(['a']), clock },
      converse: async () => {
        throw serviceError('ThrottlingException', 429);
      },
    });
    await expect(run).rejects.toThrow('throttled for 10 minutes without an answer');
    expect(clock.time).toBeGreaterThan(600_000);
  });

  it('keeps below so many tokens in any minute', async () => {
    const clock = new ScriptedClock();
    const spent: { at: number; tokens: number }[] = [];
    await scriptedRun({
      ...{
        suite: suiteOf(Array.from({ length: 20 }, (_, index) => `w${index}`)),
        clock,
        tokensPerMinute: 1_000,
        atOnce: 1,
      },
      converse: async (request) => {
        spent.push({ at: clock.time, tokens: 310 });
        return output(askedFor(request).said, { usage: { inputTokens: 300, outputTokens: 10 } });
      },
    });
    for (const { at } of spent) {
      const minute = spent.filter((one) => one.at >= at && one.at < at + 60_000);
      expect(minute.reduce((sum, { tokens }) => sum + tokens, 0)).toBeLessThanOrEqual(1_000);
    }
    expect(spent).toHaveLength(40);
  });

  it('counts a question without an answer as failed, after trying again where that may help', async () => {
    const calls: string[] = [];
    const { run } = await scriptedRun({
      suite: suiteOf(['ok', 'blank', 'broken']),
      converse: async (request) => {
        const { whom, said } = askedFor(request);
        calls.push(said);
        if (whom === '4' && said === 'blank') throw serviceError('ValidationException');
        if (whom === '4' && said === 'broken') throw serviceError('ModelErrorException', 424);
        return output(said);
      },
    });
    expect(passes(run.rows, 'candidate')).toEqual(['c1']);
    const errors = run.rows.flatMap(({ error }) => error ?? []);
    expect(errors.toSorted()).toEqual([
      'no answer: ModelErrorException: ModelErrorException of a script',
      'no answer: ValidationException: ValidationException of a script',
    ]);
    expect(calls.filter((said) => said === 'broken')).toHaveLength(4);
    expect(calls.filter((said) => said === 'blank')).toHaveLength(2);
  });

  it.each([
    ['a version that was pruned', serviceError('ResourceNotFoundException', 404)],
    ['a right that is missing', serviceError('AccessDeniedException', 403)],
    ['a server that knows no such model', Object.assign(new Error('no such model'), { status: 404 })],
    ['questions none of which is valid', serviceError('ValidationException')],
  ])(
    'counts for nothing with %s behind what is live: the candidate would look better than nothing',
    async (_, error) => {
      const run = scriptedRun({
        suite: suiteOf(['a', 'b']),
        converse: async (request) => {
          if (askedFor(request).whom === '3') throw error;
          return echo(request);
        },
      });
      await expect(run).rejects.toMatchObject({ name: 'CannotRun', message: expect.stringContaining(error.message) });
    },
  );

  it.each<[string, object]>([
    ['nothing', {}],
    ['an empty message', { output: { message: { content: [] } } }],
    ['blocks of a new kind', { output: { message: { content: [{ reasoningContent: {} }] } } }],
    ['half a character', output('\ud83d')],
    [
      'a tool call',
      output('', { output: { message: { content: [{ toolUse: { name: 'x', input: { a: '\udc00' } } }] } } }),
    ],
  ])('takes %s for an answer that passes nothing, and can write it down', async (_, answer) => {
    const { run } = await scriptedRun({ suite: suiteOf(['a']), live: null, converse: async () => answer });
    expect(passes(run.rows, 'candidate')).toEqual([]);
    expect(run.rows[0]?.error).toBeNull();
    expect(JSON.parse(serializeRun(run).split('\n')[1] ?? '')).toMatchObject({ case: 'c1', repeat: 1 });
  });

  it('takes a check in code at its word, and no other word of it', async () => {
    const suite = suiteOf(
      ['true', '{"pass":true}', 'false', '{"pass":false,"reason":"dull"}', '"yes"', '1', 'null', 'throw'],
      {
        metrics: [{ name: 'echo', check: { check: 'function', module: './x.mjs' } }],
      },
    );
    const { run } = await scriptedRun({
      suite,
      live: null,
      converse: echo,
      ownCheck:
        async () =>
        ({ text }) =>
          JSON.parse(text),
    });
    expect(passes(run.rows, 'candidate')).toEqual(['c1', 'c2']);
    const reasons = run.rows.map((row) => row.metrics.echo?.reason);
    expect(reasons.slice(2, 5)).toEqual([
      'the function says no',
      'dull',
      'the function answered "yes", not true, false or { pass, reason }',
    ]);
    expect(reasons[7]).toMatch(/^the function failed: /);
  });
});

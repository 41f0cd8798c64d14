import { beforeEach, describe, expect, it } from 'vitest';
import { suiteDigest } from '../../../core/evaluation/evaluation-suite';
import { currentReviews } from '../../../core/ledger/review-source';
import type { EvaluationGate } from '../../../core/release/gates/evaluation';
import { judge } from '../../../core/release/judge';
import { digestOf, EvaluatorWorld, Killed, LEDGER, objectEvent, PROMPT_ID, suite } from './evaluator-world';

let world: EvaluatorWorld;
beforeEach(() => {
  world = new EvaluatorWorld();
});

const published = (version: number) => objectEvent(LEDGER, world.publish(version));
const aws = (name: string) => Object.assign(new Error(name), { name });

describe('a version that was published', () => {
  it('is asked every case, beside what is live, and signed for', async () => {
    await world.deliver(published(2));
    expect(world.asked).toHaveLength(9);
    expect(world.asked.filter(({ version }) => version === 1)).toHaveLength(4);
    const [key = '', ...others] = world.reviews();
    expect(others).toEqual([]);
    const number = '99999998.json';
    expect(key).toBe(`reviews/${PROMPT_ID}/PROD/${digestOf(2)}/@measured/AROAEVALUATOR0000001:evaluator/${number}`);
    expect(JSON.parse(world.ledger.objects.get(key) ?? '')).toMatchObject({
      ...{ kind: 'evaluate', group: 'measured', registry: '/prompts/prod', prompt: 'sorter', version: 2 },
      ...{ live: digestOf(1), baseline: digestOf(1), suite: suiteDigest(suite), cases: 4, errors: 0 },
      ...{ critical: { cases: 1, failed: [], unnamed: 0 } },
      metrics: { sorts: { both: 4, onlyCandidate: 0, onlyLive: 0, neither: 0 } },
    });
    expect(world.messages).toEqual([]);
  });

  it('is asked with the guardrail that callers must name', async () => {
    const guardrailIdentifier = 'arn:aws:bedrock:us-east-1:111122223333:guardrail/abcdefghijkl';
    world.guardrail = `${guardrailIdentifier}:3`;
    await world.deliver(published(2));
    const named = { guardrailIdentifier, guardrailVersion: '3' };
    expect(world.asked.map(({ guardrailConfig }) => guardrailConfig)).toEqual(Array(9).fill(named));
    expect(world.reviews()).toHaveLength(1);
  });

  it('is measured once, however often its event comes, and again when something else is live', async () => {
    await world.deliver(published(2));
    await world.deliver(published(2));
    expect(world.reviews()).toHaveLength(1);
    expect(world.asked).toHaveLength(9);
    await world.deliver(objectEvent(LEDGER, world.move('PROD', 3)));
    expect(world.reviews()).toHaveLength(2);
    const bodies = world.reviews().map((key) => JSON.parse(world.ledger.objects.get(key) ?? ''));
    expect(bodies.map(({ baseline }) => baseline).sort()).toEqual([digestOf(1), digestOf(3)].sort());
  });

  it('is measured again when the alias comes back from it, after which the run before counts no more', async () => {
    await world.deliver(published(2));
    for (const [version, from] of [
      [2, 1],
      [1, 2],
    ] as const) {
      const moved = objectEvent(LEDGER, world.move('PROD', version, from));
      await world.deliver(moved);
      await world.deliver(moved);
      expect(world.reviews()).toHaveLength(version === 2 ? 1 : 2);
    }
    await world.deliver(published(2));
    expect(world.reviews()).toHaveLength(2);
    expect(world.asked).toHaveLength(18);
  });

  it('is measured alone where nothing is live, and not at all where it is what is live', async () => {
    for (const key of [...world.ledger.objects.keys()]) if (key.includes('/PROD/')) world.ledger.objects.delete(key);
    await world.deliver(published(2));
    const [key = ''] = world.reviews();
    expect(JSON.parse(world.ledger.objects.get(key) ?? '')).toMatchObject({
      baseline: null,
      metrics: { sorts: { both: 0, onlyCandidate: 4, onlyLive: 0, neither: 0 } },
    });
    world = new EvaluatorWorld();
    await world.deliver(published(1));
    expect(world.asked).toEqual([]);
  });

  it('that is worse, or fails a critical case, is told to the topic without a word of its answers', async () => {
    world.answering = (version, mail) => (version === 2 ? 'secret' : mail.endsWith('4') ? 'other' : 'refund');
    await world.deliver(published(2));
    expect(world.messages).toHaveLength(1);
    const [{ subject, text } = { subject: '', text: '' }] = world.messages;
    expect(subject).toBe('sorter :2 is worse than what PROD stands on (:1)');
    expect(text).toContain('sorts: 4 of 4 cases passed, now 0. No longer: case-1, case-2, case-3, case-4');
    expect(text).toContain('Critical cases that fail: case-1');
    expect(text).not.toContain('secret');
    expect(world.reviews()).toHaveLength(1);
  });

  it.each(['ledger', 'claims', 'tags'])('is none where an object under %s comes', async (folder) => {
    const keys = {
      ledger: world.move('STAGING', 3),
      claims: `versions/${PROMPT_ID}/claims/${digestOf(2)}-after-1.json`,
    };
    await world.deliver(objectEvent(LEDGER, keys[folder as 'ledger'] ?? `tags/${PROMPT_ID}/v1/99999998.json`));
    await world.deliver(objectEvent('another-bucket', world.publish(2)));
    expect(world.asked).toEqual([]);
  });
});

describe('an evaluator that is ended', () => {
  let whole: ReturnType<EvaluatorWorld['outcome']>;
  let steps: string[];
  beforeEach(async () => {
    const undisturbed = new EvaluatorWorld();
    await undisturbed.deliver(objectEvent(LEDGER, undisturbed.publish(2)));
    [whole, steps] = [undisturbed.outcome(), undisturbed.calls];
  });

  it('comes to the same rows and one review, at whichever of its calls it is ended', async () => {
    expect(steps.length).toBeGreaterThan(40);
    for (const [at, step] of steps.entries()) {
      world = new EvaluatorWorld();
      world.onCall = (index) => {
        if (index === at) throw new Killed(step);
      };
      await world.deliver(published(2));
      expect(world.outcome(), `ended at call ${at}, ${step}`).toEqual(whole);
    }
  });

  it('comes to them too when it is ended twice, and when another one is started meanwhile', async () => {
    for (let at = 0; at < steps.length; at += 3) {
      world = new EvaluatorWorld();
      world.onCall = (index) => {
        if (index === at || index === at + 7) throw new Killed(`${at}`);
      };
      await Promise.all([world.deliver(published(2)), world.deliver(published(2))]);
      expect(world.outcome(), `two of them, ended at ${at}`).toEqual(whole);
    }
  });

  it('asks nothing again that it has the answer to', async () => {
    let ended = false;
    world.onCall = (_, name) => {
      if (!ended && name.startsWith('own putIfAbsent runs/')) {
        ended = true;
        throw new Killed();
      }
    };
    await world.deliver(published(2));
    expect(world.asked).toHaveLength(9);
  });

  it.each(['nonsense', '', '{}', 'null', '{"text":1,"toolCalls":[]}'])(
    'takes %o for no answer of a model: it signs nothing, says what to delete, and goes on after that',
    async (body) => {
      let answer = '';
      world.onCall = (_, name) => {
        if (name.startsWith('own putIfAbsent jobs/') && name.includes('/answers/') && answer === '') {
          answer = name.split(' ').at(-1) ?? '';
          world.own.objects.set(answer, body);
        }
      };
      await expect(world.deliver(published(2))).rejects.toThrow(`expected an answer of a model in ${answer}`);
      expect(world.reviews()).toEqual([]);
      world.own.objects.delete(answer);
      await world.deliver({ source: 'aws.cloudformation' });
      expect(world.outcome().reviews[0]).toMatchObject({ errors: 0, critical: { failed: [] } });
    },
  );

  it('of two whose answers differ keeps one answer for each question', async () => {
    world.answering = (_, __, call) => `answer ${call}`;
    await Promise.all([world.deliver(published(2)), world.deliver(published(2))]);
    expect(world.runs()).toHaveLength(1);
    const { reviews } = world.outcome();
    expect(reviews).toHaveLength(1);
    const stored = [...world.own.objects]
      .filter(([key]) => key.includes('/answers/'))
      .map(([, body]) => JSON.parse(body).text);
    const [, ...rows] = (world.own.objects.get(world.runs()[0] ?? '') ?? '').trimEnd().split('\n');
    expect(rows.map((row) => JSON.parse(row).answer.text).sort()).toEqual(stored.sort());
  });
});

describe('an evaluator that has no time or no leave', () => {
  it('hands on before Lambda ends it, and goes on', async () => {
    world.length = 150_000;
    world.latency = 50_000;
    await world.deliver(published(2));
    expect([...world.own.objects.keys()].filter((key) => key.startsWith('next/')).length).toBeGreaterThan(0);
    expect(world.reviews()).toHaveLength(1);
    expect(world.asked.length).toBeLessThan(20);
  });

  it('spends no more tokens a minute than it may, over all its invocations', async () => {
    world.tokensPerMinute = 3_000;
    world.tokens = 1_000;
    // It hands on within the minute that it has spent.
    world.length = 100_000;
    await world.deliver(published(2));
    expect(world.reviews()).toHaveLength(1);
    for (const { at } of world.asked) {
      const minute = world.asked.filter((one) => one.at > at - 60_000 && one.at <= at);
      expect(minute.length * world.tokens).toBeLessThanOrEqual(world.tokensPerMinute);
    }
    expect([...world.own.objects.keys()].filter((key) => key.startsWith('next/')).length).toBeGreaterThan(0);
  });

  it.each([
    ['long answers', 0],
    ['long answers, throttled at first', 6],
  ])('spends no more at once either, before it knows what an answer takes: %s', async (_, throttled) => {
    world.tokensPerMinute = 50_000;
    world.tokens = 20_000;
    let left = throttled;
    world.onCall = (__, name) => {
      if (name.startsWith('converse') && left-- > 0) throw aws('ThrottlingException');
    };
    await world.deliver(published(2));
    expect(world.reviews()).toHaveLength(1);
    for (const { at } of world.asked) {
      const minute = world.asked.filter((one) => one.at > at - 60_000 && one.at <= at);
      expect(minute.length * world.tokens).toBeLessThanOrEqual(world.tokensPerMinute);
    }
  });

  it('waits for no minute to pass where the first answers take less than was thought', async () => {
    world.tokensPerMinute = 1_500;
    world.tokens = 100;
    const began = world.now;
    await world.deliver(published(2));
    expect(world.asked).toHaveLength(9);
    expect(world.now - began).toBeLessThan(60_000);
  });

  it('waits while it is throttled, and comes to the same rows', async () => {
    const undisturbed = new EvaluatorWorld();
    await undisturbed.deliver(objectEvent(LEDGER, undisturbed.publish(2)));
    world.onCall = (index, name) => {
      if (name.startsWith('converse') && index % 2 === 0) throw aws('ThrottlingException');
    };
    await world.deliver(published(2));
    expect(world.outcome()).toEqual(undisturbed.outcome());
  });

  it('waits for IAM, an hour, and then says so and signs nothing', async () => {
    const allowedAt = world.now + 200_000;
    world.onCall = (_, name) => {
      if (name.startsWith('converse') && world.now < allowedAt) throw aws('AccessDeniedException');
    };
    await world.deliver(published(2));
    expect(world.reviews()).toHaveLength(1);

    world = new EvaluatorWorld();
    world.onCall = (_, name) => {
      if (name.startsWith('converse')) throw aws('AccessDeniedException');
    };
    await world.deliver(published(2));
    expect(world.reviews()).toEqual([]);
    expect(world.messages.map(({ subject }) => subject)).toEqual(['sorter :2 could not be evaluated']);
  });

  it('signs nothing where the version, or what is live, can be asked no more', async () => {
    for (const gone of [1, 2]) {
      world = new EvaluatorWorld();
      world.onCall = (_, name) => {
        if (name.startsWith(`converse ${gone} `)) throw aws('ResourceNotFoundException');
      };
      await world.deliver(published(2));
      expect(world.reviews()).toEqual([]);
      expect(world.messages.map(({ subject }) => subject)).toEqual(['sorter :2 could not be evaluated']);
    }
  });

  it('tries again what it gave up after the next deployment, and not because an event comes twice', async () => {
    let isAllowed = false;
    world.onCall = (_, name) => {
      if (name.startsWith('converse') && !isAllowed) throw aws('AccessDeniedException');
    };
    const event = published(2);
    await world.deliver(event);
    await world.deliver(event);
    expect(world.messages).toHaveLength(1);
    await world.deliver({ source: 'aws.cloudformation' });
    expect(world.messages, 'the deployment mended nothing').toHaveLength(2);
    isAllowed = true;
    await world.deliver(event);
    expect(world.reviews()).toEqual([]);
    await world.deliver({ source: 'aws.cloudformation' });
    await world.deliver({ source: 'aws.cloudformation' });
    expect(world.reviews()).toHaveLength(1);
    expect(world.asked).toHaveLength(9);
    expect(world.messages).toHaveLength(2);
  });

  it.each(['given up', 'under way', 'signed'])(
    'asks the number that a content has now, where its job was %s',
    async (how) => {
      const isGone = (name: string) => name.startsWith('converse 2 ');
      world.onCall = (_, name) => {
        if (how === 'given up' && isGone(name)) throw aws('ResourceNotFoundException');
        // S3 takes no answer, three times.
        if (how === 'under way' && name.includes('/answers/')) throw aws('SlowDown');
      };
      await world.deliver(published(2)).catch(() => {});
      const before = world.reviews().length;
      expect(before).toBe(how === 'signed' ? 1 : 0);
      world.onCall = (_, name) => {
        if (isGone(name)) throw aws('ResourceNotFoundException');
      };
      const again = world.publishAgain(2, 7);
      await world.deliver(objectEvent(LEDGER, again));
      await world.deliver(objectEvent(LEDGER, again));
      expect(world.reviews()).toHaveLength(1);
      const [review = ''] = world.reviews();
      expect(JSON.parse(world.ledger.objects.get(review) ?? '').version).toBe(how === 'signed' ? 2 : 7);
    },
  );

  it('counts a question without an answer against the version', async () => {
    world.onCall = (_, name) => {
      if (name === 'converse 2 mail 2') throw aws('ValidationException');
    };
    await world.deliver(published(2));
    const [review] = world.outcome().reviews;
    expect(review).toMatchObject({ errors: 1, metrics: { sorts: { both: 3, onlyLive: 1 } } });
  });
});

describe('a prompt whose ledger cannot be read', () => {
  it.each(['aws.cloudformation', 'aws.events'])(
    'keeps no other from being measured, on an event of %s',
    async (source) => {
      const event = { source, time: '2026-11-23T12:00:00Z' };
      world.others = ['KLMNOPQRST'];
      world.onCall = (_, name) => {
        if (name.startsWith('ledger list ledger/KLMNOPQRST')) throw aws('AccessDenied');
      };
      await expect(world.invoke(event, 3), 'Lambda gives the event up, and has tried').rejects.toThrow('AccessDenied');
      const [next = ''] = [...world.own.objects.keys()].filter((key) => key.startsWith('next/'));
      await world.deliver(objectEvent('own-bucket', next));
      expect(world.asked).toHaveLength(source === 'aws.events' ? 5 : 9);
    },
  );
});

describe('a day', () => {
  const day = (n: number) => ({ source: 'aws.events', time: `2026-11-${n}T12:00:00Z` });

  it('measures what is live, against its own last run, and signs nothing', async () => {
    await world.deliver(day(23));
    expect(world.asked).toHaveLength(5);
    expect(world.asked.every(({ version }) => version === 1)).toBe(true);
    await world.deliver(day(24));
    expect(world.runs()).toHaveLength(2);
    expect(world.reviews()).toEqual([]);
    expect(world.messages).toEqual([]);
  });

  it('says which cases changed when a model answers otherwise overnight', async () => {
    await world.deliver(day(23));
    world.now += 86_400_000;
    world.answering = () => 'other';
    await world.deliver(day(24));
    await world.deliver(day(24));
    expect(world.runs()).toHaveLength(2);
    expect(world.messages).toHaveLength(1);
    const [{ subject, text } = { subject: '', text: '' }] = world.messages;
    expect(subject).toBe('sorter PROD (:1) is worse than its own last run');
    expect(text).toContain('Critical cases that fail: case-1');
    expect(text).toContain('No longer: case-1, case-2, case-3');
    world.now += 86_400_000;
    await world.deliver(day(25));
    expect(world.messages, 'what is no worse than yesterday is no news').toHaveLength(1);
  });

  it('compares with the run before one that is no run, and says so to who reads its log', async () => {
    await world.deliver(day(23));
    world.now += 86_400_000;
    await world.deliver(day(24));
    const [newest = ''] = world.runs().sort();
    for (const nonsense of [
      '{',
      '{}\n',
      'PK\u0003\u0004',
      (world.own.objects.get(newest) ?? '').replace('"side"', '"s"'),
    ]) {
      world.own.objects.set(newest, nonsense);
      world.now += 86_400_000;
      world.answering = () => 'other';
      const before = world.messages.length;
      await world.deliver({ source: 'aws.events', time: new Date(world.now).toISOString() });
      expect(
        world.messages.slice(before).map(({ subject }) => subject),
        nonsense,
      ).toEqual(['sorter PROD (:1) is worse than its own last run']);
      expect(world.lines).toContainEqual(expect.stringMatching(/no run; compared with the one before it: delete it/));
      // So that the next one is compared with the run of the first day again.
      for (const key of world.runs().filter((one) => one < newest)) world.own.objects.delete(key);
    }
  });

  it('says of a job that was lost for more than a day that it is given up for its age', async () => {
    const event = published(2);
    world.onCall = (_, name) => {
      if (name.includes('/answers/')) throw aws('SlowDown');
    };
    await world.deliver(event).catch(() => {});
    world.now += 30 * 3_600_000;
    world.onCall = (_, name) => {
      if (name.startsWith('converse')) throw aws('ThrottlingException');
    };
    await world.deliver(event);
    expect(world.reviews()).toEqual([]);
    expect(world.messages.map(({ text }) => text)).toEqual([
      expect.stringMatching(
        /could not be evaluated for PROD: it began at .* and has no run after 3\d hours; .*throttled/,
      ),
    ]);
  });

  it('does nothing where nothing is live', async () => {
    for (const key of [...world.ledger.objects.keys()]) if (key.includes('/PROD/')) world.ledger.objects.delete(key);
    await world.deliver(day(23));
    expect(world.asked).toEqual([]);
  });
});

it('what it signs is what a judge reads', async () => {
  await world.deliver(published(2));
  const content = { promptId: PROMPT_ID, alias: 'PROD', digest: digestOf(2) };
  const wanted = { groups: ['measured'], runners: ['measured'] };
  const reviews = await currentReviews(world.ledger, content, wanted, '/prompts/prod');
  const asked = { suite: suiteDigest(suite), atLeast: { sorts: 1 }, noWorseThanLive: {} };
  const gate: EvaluationGate = { gate: 'evaluation', by: 'measured', ...asked };
  const verdict = judge({
    promptName: 'sorter',
    aliasName: 'PROD',
    target: { version: 2, digest: digestOf(2) },
    live: digestOf(1),
    gates: [gate],
    reviews,
    leftAt: undefined,
    now: world.now,
  });
  expect(verdict).toMatchObject({ refusals: [], reviews: [{ key: world.reviews()[0] }], runs: 1 });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { evaluationCalls } from '../../../core/audit/evaluation-calls';
import type { AuditEvidence } from '../../../core/audit/evidence';
import { surveyLedger } from '../../../core/audit/ledger-survey';
import { RenderingCount } from '../../../core/audit/renderings';
import { type TrailEvent, trailEvent } from '../../../core/audit/trail-event';
import { verifyEvidence } from '../../../core/audit/verify-evidence';
import type { PairedCounts } from '../../../core/evaluation/paired-interval';
import type { EvaluationCounts } from '../../../core/ledger/evaluation-counts';
import { PROMPT_ARN, PROMPT_ID } from '../../lambda/events';
import { ours, secondVerifier } from './both-verifiers';
import { HonestRegistry, seeded } from './honest-registry';

const ROLE = 'AROAMEASURED00000001';
const SUITE = `es1:${'5a'.repeat(32)}`;
const GOOD: PairedCounts = { both: 40, onlyCandidate: 0, onlyLive: 0, neither: 0 };

let theirs: (evidence: AuditEvidence) => string[];
beforeAll(async () => {
  theirs = await secondVerifier();
});

/** A registry in which runs are signed, and a CloudTrail that holds the calls that each test makes. */
class Measured {
  readonly registry = new HonestRegistry(seeded(3));
  readonly calls: TrailEvent[] = [];
  private readonly changes: TrailEvent[] = [];

  static async start(): Promise<Measured> {
    const measured = new Measured();
    await measured.registry.release('none', 'text 1');
    await measured.registry.release('1', 'text 2');
    measured.call('app', 'AROAAPPLICATION00001', 1, 5);
    measured.pass(86_400);
    return measured;
  }

  pass(seconds: number): void {
    this.registry.time += seconds * 1000;
  }

  /** So many questions, one a second. */
  call(session: string, role: string, version: number, times: number, more: object = {}): void {
    for (let index = 0; index < times; index += 1) {
      this.pass(1);
      const event = trailEvent({
        ...{ eventID: `call-${this.calls.length}`, eventName: 'RenderPrompt', eventSource: 'bedrock.amazonaws.com' },
        eventTime: new Date(this.registry.time).toISOString(),
        userIdentity: { type: 'AssumedRole', principalId: `${role}:${session}` },
        resources: [{ type: 'AWS::Bedrock::PromptVersion', ARN: `${PROMPT_ARN}:${version}` }],
        ...more,
      });
      if (event) this.calls.push(event);
    }
  }

  trailCall(eventName: string, name = 'audit'): void {
    const event = trailEvent({
      ...{ eventID: `trail-${this.changes.length}`, eventName, eventSource: 'cloudtrail.amazonaws.com' },
      ...{ eventTime: new Date(this.registry.time).toISOString(), requestParameters: { name } },
    });
    if (event) this.changes.push(event);
  }

  /** A whole run of 40 cases over version 2, against version 1. */
  ask(candidate = 40, live = 40, session = 'pipeline'): string {
    const since = new Date(this.registry.time).toISOString();
    this.call(session, ROLE, 2, candidate);
    this.call(session, ROLE, 1, live);
    return since;
  }

  sign(questions: EvaluationCounts['questions'] | undefined, more: Partial<EvaluationCounts> = {}): string {
    this.pass(5);
    const counts: EvaluationCounts = {
      ...{ suite: SUITE, baseline: this.registry.digestOf(1), cases: 40, errors: 0, metrics: { exact: GOOD } },
      ...{ critical: { cases: 0, failed: [], unnamed: 0 }, rows: 'b2'.repeat(32), runner: 'test' },
      ...(questions && { questions }),
      ...more,
    };
    return this.registry.sign({ who: 'pipeline', as: 'measured', kind: 'evaluate', version: 2 }, counts);
  }

  evidence(later = 86_400): AuditEvidence {
    this.pass(later);
    const evidence = this.registry.evidence();
    const count = new RenderingCount(new Set([ROLE]));
    // Each twice: CloudTrail may deliver an event again.
    for (const event of [...this.calls, ...this.calls]) count.add(event);
    const { trail } = evidence;
    return {
      ...evidence,
      ...(trail && {
        trail: { ...trail, events: [...trail.events, ...this.changes], renderings: count.evidence() },
      }),
      trails: ['audit'],
    };
  }
}

/** What both verifiers find, which must be the same. */
function found(evidence: AuditEvidence): string[] {
  // The second verifier judges no calls that change a trail.
  const own = ours(evidence).filter((one) => !one.startsWith('TrailChanged'));
  expect(theirs(evidence)).toEqual(own);
  return own;
}

function standings({ trail, ...evidence }: AuditEvidence): string[] {
  if (!trail) return [];
  return evaluationCalls({ evidence, survey: surveyLedger(evidence.objects), trail }).map(({ standing }) => standing);
}

describe('The calls of a signed evaluation', () => {
  let world: Measured;
  beforeAll(async () => {
    world = await Measured.start();
  });

  it('are those that CloudTrail has, of an honest run: also of two at once, with retries and calls of others', async () => {
    const one = await Measured.start();
    const since = one.ask();
    one.call('pipeline', ROLE, 2, 7); // asked again
    one.call('app', 'AROAAPPLICATION00001', 2, 30);
    one.call('pipeline', ROLE, 2, 9, { errorCode: 'ThrottlingException' });
    one.sign({ since, candidate: 40, live: 40 });
    // Begun before the first was signed, and ended after it.
    const [first, second] = [one.ask(20, 20), one.ask(40, 40, 'refreshed')];
    one.sign({ since: second, candidate: 40, live: 40 });
    one.ask(20, 20);
    one.sign({ since: first, candidate: 40, live: 40 });
    const evidence = one.evidence();
    expect(standings(evidence)).toEqual(['compared', 'compared', 'compared']);
    expect(found(evidence)).toEqual([]);
  });

  it('are counted once where cases ask the same, and not where an answer is missing', async () => {
    const one = await Measured.start();
    let since = one.ask(25, 25);
    one.sign({ since, candidate: 25, live: 25 });
    since = one.ask(38, 40);
    one.sign({ since, candidate: 38, live: 40 }, { errors: 2 });
    expect(found(one.evidence())).toEqual([]);
  });

  it.each<[string, (one: Measured) => string]>([
    [
      'nobody asked',
      (one) => one.sign({ since: new Date(one.registry.time - 60_000).toISOString(), candidate: 40, live: 40 }),
    ],
    ['one answer was made up', (one) => one.sign({ since: one.ask(39), candidate: 40, live: 40 })],
    ['what is live was not asked', (one) => one.sign({ since: one.ask(80, 0), candidate: 40, live: 40 })],
    [
      'another role asked',
      (one) => {
        const since = new Date(one.registry.time).toISOString();
        one.call('pipeline', 'AROAOTHER0000000001', 2, 40);
        one.call('pipeline', 'AROAOTHER0000000001', 1, 40);
        return one.sign({ since, candidate: 40, live: 40 });
      },
    ],
    ['another version was asked', (one) => one.sign({ since: one.ask(0, 80), candidate: 40, live: 40 })],
    [
      'IAM let nobody ask',
      (one) => {
        const since = new Date(one.registry.time).toISOString();
        one.call('pipeline', ROLE, 2, 40, { errorCode: 'AccessDenied' });
        one.call('pipeline', ROLE, 1, 40);
        return one.sign({ since, candidate: 40, live: 40 });
      },
    ],
    [
      'one run is signed for two',
      (one) => {
        const since = one.ask();
        one.sign({ since, candidate: 40, live: 40 });
        return one.sign({ since, candidate: 40, live: 40 });
      },
    ],
    [
      'questions were asked before the run only',
      (one) => {
        one.ask();
        one.pass(3600);
        return one.sign({ since: new Date(one.registry.time).toISOString(), candidate: 40, live: 40 });
      },
    ],
    ['nobody asked, and the review is of before questions were counted', (one) => one.sign(undefined)],
  ])('are missing where %s', async (_, sign) => {
    const one = await Measured.start();
    const key = sign(one);
    expect(found(one.evidence())).toEqual([`CallsMissing ${key}`]);
  });

  it('tell nothing for sure where the review is of before questions were counted, and some are there', async () => {
    const one = await Measured.start();
    one.ask(25, 25);
    const key = one.sign(undefined);
    const evidence = one.evidence();
    expect(found(evidence)).toEqual([]);
    expect(verifyEvidence(evidence).findings).toEqual([
      expect.objectContaining({ level: 'note', problem: 'CallsMissing', object: key }),
    ]);
  });

  it.each<[string, (one: Measured) => AuditEvidence, string]>([
    [
      'not yet delivered',
      (one) => {
        one.sign({ since: one.ask(0, 0), candidate: 40, live: 40 });
        return one.evidence(-3_590);
      },
      'not yet delivered',
    ],
    [
      'older than what was read',
      (one) => {
        one.sign({ since: one.ask(0, 0), candidate: 40, live: 40 });
        const evidence = one.evidence();
        const from = new Date(one.registry.time - 86_000_000).toISOString();
        return { ...evidence, ...(evidence.trail && { trail: { ...evidence.trail, from } }) };
      },
      'older than what was read',
    ],
    [
      'of a time in which the trail was changed',
      (one) => {
        const since = one.ask(10, 10);
        one.trailCall('PutEventSelectors');
        one.sign({ since, candidate: 40, live: 40 });
        return one.evidence();
      },
      'the trail was stopped or changed then',
    ],
    [
      'of a time in which the trail did not log',
      (one) => {
        one.trailCall('StopLogging');
        one.pass(86_400);
        one.sign({ since: one.ask(0, 0), candidate: 40, live: 40 });
        one.pass(86_400);
        one.trailCall('StartLogging');
        return one.evidence();
      },
      'the trail was stopped or changed then',
    ],
    [
      'of a trail that takes no renderings',
      (one) => {
        one.calls.length = 0;
        one.sign({ since: new Date(one.registry.time).toISOString(), candidate: 40, live: 40 });
        return one.evidence();
      },
      'the trail has no rendering of the prompt until then',
    ],
  ])('are not compared where they are %s', async (_, make, standing) => {
    const evidence = make(await Measured.start());
    expect(standings(evidence)).toEqual([standing]);
    expect(found(evidence)).toEqual([]);
  });

  it('are compared where another trail was changed, or this one long before', async () => {
    const one = await Measured.start();
    one.trailCall('StartLogging');
    one.pass(3600);
    const since = one.ask();
    one.trailCall('StopLogging', 'arn:aws:cloudtrail:us-east-1:123456789012:trail/other');
    one.sign({ since, candidate: 40, live: 40 });
    const evidence = one.evidence();
    expect(standings(evidence)).toEqual(['compared']);
    expect(found(evidence)).toEqual([]);
  });

  it('are counted by Converse where the trail has no RenderPrompt of them', () => {
    const count = new RenderingCount(new Set([ROLE]));
    const converse = { eventName: 'Converse', requestParameters: { modelId: `${PROMPT_ARN}:2` } };
    world.call('pipeline', ROLE, 2, 3, converse);
    world.call('pipeline', ROLE, 2, 2);
    world.call('pipeline', ROLE, 2, 1, { ...converse, requestParameters: { modelId: 'amazon.nova-pro-v1:0' } });
    for (const event of world.calls) count.add(event);
    const { renderings } = count.evidence();
    expect(renderings).toEqual([expect.objectContaining({ role: ROLE, promptId: PROMPT_ID, version: 2 })]);
    expect(renderings[0]?.times).toHaveLength(3);
  });

  it('that a review says in words that are no counts make it none', async () => {
    const one = await Measured.start();
    const key = one.sign({ since: one.ask(), candidate: 40, live: 40 });
    for (const questions of [
      {},
      { since: 'now', candidate: 40, live: 40 },
      { since: '2026-06-01', candidate: -1, live: 0 },
      'all',
      null,
    ]) {
      const evidence = one.evidence(0);
      const objects = evidence.objects.map((object) =>
        object.key === key
          ? { ...object, body: JSON.stringify({ ...JSON.parse(object.body ?? ''), questions }) }
          : object,
      );
      expect(found({ ...evidence, objects }), JSON.stringify(questions)).toEqual([`BadReview ${key}`]);
    }
  });
});

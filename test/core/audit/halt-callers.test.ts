import { describe, expect, it } from 'vitest';
import type { AuditedTrail } from '../../../core/audit/audit-rule';
import { surveyLedger } from '../../../core/audit/ledger-survey';
import { haltedBy } from '../../../core/audit/release-log';
import { haltCallers } from '../../../core/audit/rules/halt-callers';
import { type TrailEvent, trailEvent } from '../../../core/audit/trail-event';
import { RolloutWorld } from '../../lambda/rollout-world';

const CONTROLLER = 'Rolling-Controller-1A2B';
const ID = '006ee61e-4b61-4de5-b3b8-99b4d72ca7e7';
const HOUR = 3_600_000;

/** A halt that the real controller wrote, with or without the id of the invocation. */
async function halted(id: string | undefined) {
  const world = await new RolloutWorld().start().wait(20);
  await world.event({ halt: { prompt: 'financial-analysis', alias: 'PROD', reason: 'complaints' } }, id);
  const halt = world.steps.find(({ kind }) => kind === 'halt');
  if (!halt) throw new Error('no halt');
  return { halt, objects: world.bucket.objects };
}

/** As captured events have it: https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html */
function invoked(time: number, who: 'dana' | 'eve' | 'EventBridge', requestID: string, more: object = {}): TrailEvent {
  const person = { type: 'AssumedRole', arn: `arn:aws:sts::111122223333:assumed-role/OnCall/${who}` };
  const event = trailEvent({
    ...{ eventID: `${who} ${requestID}`, eventName: 'Invoke', eventSource: 'lambda.amazonaws.com' },
    ...{ eventTime: `${new Date(time).toISOString().slice(0, 19)}Z`, requestID, requestParameters: null },
    userIdentity: who === 'EventBridge' ? { type: 'AWSService', invokedBy: 'events.amazonaws.com' } : person,
    resources: [{ type: 'AWS::Lambda::Function', ARN: `arn:aws:lambda:us-east-1:111122223333:function:${CONTROLLER}` }],
    ...more,
  });
  if (!event) throw new Error('no event');
  return event;
}

function problems(events: readonly TrailEvent[], objects: ReadonlyMap<string, string>, now: number): string[] {
  const survey = surveyLedger(
    [...objects].map(([key, body]) => ({
      key,
      body,
      versions: [{ versionId: 'v', time: '2026-12-02T10:00:00.000Z', marker: false }],
    })),
  );
  const to = new Date(now).toISOString();
  const trail = { from: new Date(now - 48 * HOUR).toISOString(), to, events, withDataEvents: true };
  const evidence = { now: to, controller: { functionName: CONTROLLER, roleName: 'ControllerRole' } };
  const found: string[] = [];
  haltCallers.run({ survey, trail, evidence } as unknown as AuditedTrail, (problem) => found.push(problem));
  return found;
}

describe('Who asked for a halt', () => {
  const whoIs = (halt: Parameters<typeof haltedBy>[0], controllerCalls: TrailEvent[] | undefined, young = false) => {
    const at = Date.parse(halt.time);
    const covered = { from: '', to: new Date(at + (young ? -1 : 1)).toISOString() };
    const person = haltedBy(halt, { controllerCalls, issuers: new Map(), covered });
    const among = person.end === 'one of' ? person.among : [person];
    const names = among.flatMap(({ links }) => links.map(({ sessionName }) => sessionName));
    return [person.end === 'one of' ? 'perhaps' : person.end, ...names].join(' ');
  };

  it('is told by the id of the invocation, whoever called at the same time', async () => {
    const { halt } = await halted(ID);
    const at = Date.parse(halt.time);
    expect(halt).toMatchObject({ by: 'request', request: ID });
    const calls = [invoked(at, 'eve', 'other'), invoked(at - 1000, 'dana', ID), invoked(at, 'EventBridge', 'tick')];
    expect(whoIs(halt, calls)).toBe('not found dana');
  });

  it('is a guess by time where no call has the id: one of those of the minutes before, and never EventBridge', async () => {
    for (const id of [ID, undefined]) {
      const { halt } = await halted(id);
      const at = Date.parse(halt.time);
      const dana = invoked(at - 1000, 'dana', 'one');
      expect(whoIs(halt, [dana, invoked(at, 'EventBridge', 'tick')])).toBe('perhaps dana');
      expect(whoIs(halt, [dana, invoked(at - 60_000, 'eve', 'two')])).toBe('perhaps dana eve');
      const refused = invoked(at, 'eve', 'three', { errorCode: 'TooManyRequestsException' });
      expect(whoIs(halt, [dana, refused, invoked(at - HOUR, 'eve', 'four')])).toBe('perhaps dana');
    }
  });

  it('is a guess where the controller that was asked died before it recorded the halt, which the next one found', async () => {
    const world = await new RolloutWorld().start().wait(20);
    world.broken = 'append';
    const asked = world.event({ halt: { prompt: 'financial-analysis', alias: 'PROD', reason: 'complaints' } }, ID);
    await expect(asked).rejects.toThrow('append is away');
    const at = world.now;
    // S3 is away for some minutes.
    for (let minute = 0; minute < 5; minute++) await expect(world.wait(1)).rejects.toThrow();
    world.broken = undefined;
    await world.wait(1);
    const halt = world.steps.find(({ kind }) => kind === 'halt') ?? expect.fail();
    expect(halt).toMatchObject({ by: 'controller', reason: 'the parameter said so' });
    expect(Date.parse(halt.time) - at).toBe(6 * 60_000);
    const tick = invoked(at - 5 * 60_000, 'EventBridge', 'tick');
    expect(whoIs(halt, [tick, invoked(at - 1000, 'dana', ID), invoked(at + 5 * 60_000, 'eve', 'x')])).toBe(
      'perhaps dana',
    );
    expect(whoIs(halt, [tick])).toBe('controller');
    expect(whoIs(halt, [])).toBe('not logged');
    expect(whoIs(halt, undefined)).toBe('no trail');
    expect(problems([tick], world.bucket.objects, at + HOUR)).toEqual([]);
  });

  it('is said plainly where it cannot be told', async () => {
    const { halt } = await halted(ID);
    const at = Date.parse(halt.time);
    expect(whoIs(halt, undefined)).toBe('no trail');
    expect(whoIs(halt, [])).toBe('not logged');
    expect(whoIs(halt, [invoked(at - 5 * 60_000, 'EventBridge', 'tick')])).toBe('no event');
    expect(whoIs(halt, [invoked(at - 24 * HOUR, 'EventBridge', 'before another halt')])).toBe('not logged');
    expect(whoIs(halt, [], true)).toBe('not delivered');
    expect(whoIs({ ...halt, by: 'controller' }, [invoked(at, 'eve', 'x')])).toBe('controller');
  });
});

describe('A halt by request', () => {
  it('is found where the trail logs calls of the controller and has none, and only there', async () => {
    const { halt, objects } = await halted(ID);
    const at = Date.parse(halt.time);
    const now = at + HOUR;
    const tick = invoked(at - 5 * 60_000, 'EventBridge', 'tick');
    expect(problems([tick], objects, now)).toEqual(['HaltWithoutCall']);
    expect(problems([tick, invoked(at, 'EventBridge', 'tock')], objects, now)).toEqual(['HaltWithoutCall']);
    expect(problems([tick, invoked(at - HOUR, 'eve', 'x')], objects, now)).toEqual(['HaltWithoutCall']);
    expect(problems([tick, invoked(at, 'dana', ID)], objects, now)).toEqual([]);
    expect(problems([tick, invoked(at, 'dana', 'an id that differs')], objects, now)).toEqual([]);
    // No longer logged, nor by a call of long ago, or one of after it; not logged at all; not yet delivered.
    for (const hours of [2.1, 24, 47]) {
      const old = [invoked(at - hours * HOUR, 'EventBridge', 'old'), invoked(at - hours * HOUR, 'dana', 'old')];
      expect(problems(old, objects, now)).toEqual([]);
      expect(problems([...old, invoked(at + HOUR / 2, 'EventBridge', 'after')], objects, now)).toEqual([]);
    }
    expect(problems([invoked(at - 1.9 * HOUR, 'EventBridge', 'kept')], objects, now)).toEqual(['HaltWithoutCall']);
    expect(problems([], objects, now)).toEqual([]);
    expect(problems([tick], objects, at + 60_000)).toEqual([]);
  });

  it('is none where somebody called the controller and left no halt, nor where it halted by itself', async () => {
    const { objects } = await halted(undefined).then(({ objects: all, halt }) => ({
      objects: new Map([...all].filter(([, body]) => !body.includes(halt.time))),
    }));
    const at = Date.parse('2026-12-02T09:30:00.000Z');
    expect(problems([invoked(at - HOUR, 'EventBridge', 'tick'), invoked(at, 'eve', 'x')], objects, at + HOUR)).toEqual(
      [],
    );
  });
});

import { describe, expect, it } from 'vitest';
import type { AuditedTrail } from '../../../core/audit/audit-rule';
import type { ParameterWrite } from '../../../core/audit/evidence';
import { ParameterEvents } from '../../../core/audit/parameter-events';
import { ledgerCalls } from '../../../core/audit/rules/ledger-calls';
import { parameterCalls } from '../../../core/audit/rules/parameter-calls';
import { type TrailEvent, trailEvent } from '../../../core/audit/trail-event';
import { stepKey } from '../../../core/ledger/layout';

const POINTER = '/prompts/prod/financial-analysis/PROD';
const CONTROLLER = 'Prompts-PromptRegistryControllerRole1234-AbCdEfGhIjKl';
/** As it was called before the last `rollout` was removed and put back. */
const FORMER = 'Prompts-PromptRegistryControllerRole1234-ZyXwVuTsRqPo';
const KEY = stepKey({ promptId: 'ABCDEFGHIJ', alias: 'PROD', plan: 2, n: 1 });

let count = 0;
function event(eventName: string, role: string, minute: number, requestParameters: object, version?: number) {
  const isObject = eventName.endsWith('Object');
  const found = trailEvent({
    ...{ eventID: `${eventName} ${count++}`, eventName, requestParameters },
    eventSource: isObject ? 's3.amazonaws.com' : 'ssm.amazonaws.com',
    eventTime: `2026-12-02T10:${String(minute).padStart(2, '0')}:00Z`,
    userIdentity: {
      ...{ type: 'AssumedRole', arn: `arn:aws:sts::111122223333:assumed-role/${role}/session` },
      ...(role === 'Execution' && { invokedBy: 'cloudformation.amazonaws.com' }),
    },
    responseElements: version === undefined ? null : { version },
  });
  if (!found) throw new Error('no event');
  return found;
}

interface Found {
  readonly events: readonly TrailEvent[];
  readonly progress?: readonly ParameterWrite[];
  readonly hasRollout?: boolean;
  readonly controller?: string | null;
}

function audited({ events, progress = [], hasRollout = true, controller = CONTROLLER }: Found): AuditedTrail {
  const rollout = hasRollout && { rollout: { plan: [], progress } };
  const parameter = { name: POINTER, promptId: 'ABCDEFGHIJ', alias: 'PROD', stackId: null, history: [], ...rollout };
  const evidence = {
    ...{ now: '2026-12-02T12:00:00.000Z', bucket: 'ledger', publisher: 'Publisher', releaser: 'Releaser' },
    ...{ objects: [{ key: KEY, versions: [] }], stacks: new Map(), parameters: [parameter] },
    ...(controller !== null && { controller: { functionName: 'Controller', roleName: controller } }),
  };
  const trail = { from: '2026-12-01T00:00:00.000Z', to: evidence.now, events, withDataEvents: true };
  return { evidence, trail, parameterEvents: new ParameterEvents(events) } as unknown as AuditedTrail;
}

function found(of: Found): string[] {
  const problems: string[] = [];
  for (const rule of [parameterCalls, ledgerCalls])
    rule.run(audited(of), (problem: string, object: string) => problems.push(`${problem} ${object}`));
  return problems;
}

const put = (below: string, role: string, minute: number, version = 1) =>
  event('PutParameter', role, minute, { name: `${POINTER}/${below}` }, version);
const step = (role: string, minute: number) => event('PutObject', role, minute, { bucketName: 'ledger', key: KEY });

describe('Writes to the parameters of a rollout that their histories no longer show', () => {
  it('are found by CloudTrail, and so is a parameter that somebody deleted', () => {
    for (const below of ['rollout', 'rollout-progress']) {
      const name = `${POINTER}/${below}`;
      expect(found({ events: [put(below, 'Mallory', 1)] })).toEqual([`WrittenByHand ${name}`]);
      expect(found({ events: [event('DeleteParameter', 'Mallory', 1, { name })] })).toEqual([`WrittenByHand ${name}`]);
      const several = event('DeleteParameters', CONTROLLER, 1, { names: ['other', name] });
      expect(found({ events: [several] })).toEqual([`WrittenByHand ${name}`]);
    }
    expect(found({ events: [put('rollout', CONTROLLER, 1)] })).toEqual([`WrittenByHand ${POINTER}/rollout`]);
  });

  it('are none of the stack and the controller, nor where nobody knows which it was', () => {
    const stack = ['rollout', 'rollout-progress'].map((below) => put(below, 'Execution', 1));
    const gone = event('DeleteParameter', 'Execution', 9, { name: `${POINTER}/rollout-progress` });
    const controller = [2, 3, 4].map((minute) => put('rollout-progress', CONTROLLER, minute, minute));
    expect(found({ events: [...stack, ...controller, gone] })).toEqual([]);
    expect(found({ events: [put('rollout-progress', 'Somebody', 1)], controller: null })).toEqual([]);
    expect(found({ events: [put('rollout', 'Mallory', 1)], hasRollout: false })).toEqual([]);
  });

  it('are reported once, with the value, where the history has them', () => {
    const write = { version: 7, value: 'none', time: '2026-12-02T10:01:00.000Z', user: '' };
    expect(found({ events: [put('rollout-progress', 'Mallory', 1, 7)], progress: [write] })).toEqual([]);
  });
});

describe('What a controller wrote that was deleted and made again since', () => {
  it('is the registry’s, until the role of today began', () => {
    const events = [step(FORMER, 1), put('rollout-progress', FORMER, 2), step(CONTROLLER, 3)];
    expect(found({ events })).toEqual([]);
    expect(found({ events: events.slice(0, 2) })).toEqual([]);
  });

  it('is another’s after that, or by another name', () => {
    const [theirs, said] = [`ObjectByOther ${KEY}`, `WrittenByHand ${POINTER}/rollout-progress`];
    expect(found({ events: [step(CONTROLLER, 1), step(FORMER, 2), put('rollout-progress', FORMER, 3)] })).toEqual([
      said,
      theirs,
    ]);
    for (const other of ['Prompts-Other1234-AbCdEfGhIjKl', `${CONTROLLER}-1`, 'Prompts', 'Releaser', 'AbCdEfGhIjKl'])
      expect(found({ events: [step(other, 1)] })).toEqual([theirs]);
    // A name without an end that was generated stands for itself.
    expect(found({ events: [step('Other', 1)], controller: 'Controller' })).toEqual([theirs]);
  });
});

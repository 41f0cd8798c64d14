import { describe, expect, it } from 'vitest';
import { type TrailEvent, trailEvent } from '../../../core/audit/trail-event';
import { UnmanagedCalls } from '../../../core/audit/unmanaged-calls';
import { verifyEvidence } from '../../../core/audit/verify-evidence';
import { PROMPT_ID } from '../../lambda/events';
import { agreedHistory } from './gated-registry';

const PROMPT = `arn:aws:bedrock:us-east-1:123456789012:prompt/${PROMPT_ID}`;

let number = 0;
function call(modelId: string, more: { role?: string; name?: string; time?: string; errorCode?: string } = {}) {
  const { role = 'app', name = 'Converse', time = '2026-11-25T00:00:00Z', errorCode } = more;
  const session = `arn:aws:sts::123456789012:assumed-role/${role}/s`;
  number += 1;
  return trailEvent({
    eventID: `call-${number}`,
    eventName: name,
    eventTime: time,
    eventSource: 'bedrock.amazonaws.com',
    awsRegion: 'us-east-1',
    userIdentity: {
      type: 'AssumedRole',
      arn: session,
      sessionContext: { sessionIssuer: { arn: `arn:aws:iam::123456789012:role/path/${role}` } },
    },
    requestParameters: { modelId },
    ...(errorCode && { errorCode }),
  }) as TrailEvent;
}

describe('Calls past a registry', () => {
  const at = Date.parse('2026-11-25T00:00:00Z');
  const HOUR = 3_600_000;
  const found = (...events: TrailEvent[]) => {
    const spans = new Map([[PROMPT_ID, [{ from: at - HOUR, to: at + HOUR, versions: [1, 2] }]]]);
    const calls = new UnmanagedCalls(new Set(['app', 'batch']), spans);
    for (const event of events) calls.add(event);
    return calls.list().map(({ kind, count, refused }) => [kind, count, refused]);
  };

  it.each<[string, TrailEvent, string | undefined]>([
    ['a version that is callable', call(`${PROMPT}:1`), undefined],
    ['another one', call(`${PROMPT}:2`, { name: 'ConverseStream' }), undefined],
    ['a call of who holds no policy of callers', call('amazon.nova-pro-v1:0', { role: 'admin' }), undefined],
    ['no call of a model', call('amazon.nova-pro-v1:0', { name: 'GetFoundationModel' }), undefined],
    ['a model', call('amazon.nova-pro-v1:0'), 'model'],
    ['a profile by its ARN', call('arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.x.y'), 'model'],
    ['a body of its own', call('us.x.y', { name: 'InvokeModelWithResponseStream' }), 'model'],
    ['the draft', call(PROMPT), 'draft'],
    ['a version that was never callable', call(`${PROMPT}:11`), 'version'],
    ['a version before it was callable', call(`${PROMPT}:1`, { time: '2026-11-24T20:00:00Z' }), 'version'],
    ['a version within minutes of its release', call(`${PROMPT}:1`, { time: '2026-11-24T22:55:00Z' }), undefined],
    ['a prompt of somebody else', call(`${PROMPT.slice(0, -10)}ZZZZZZZZZZ:1`), 'other prompt'],
  ])('are told from others: %s', (_, event, kind) => {
    expect(found(event)).toEqual(kind === undefined ? [] : [[kind, 1, 0]]);
  });

  it('are counted by who, what and whether they were refused', () => {
    const model = (more = {}) => call('amazon.nova-pro-v1:0', more);
    const refused = model({ errorCode: 'AccessDeniedException' });
    expect(found(model(), model(), refused, model({ role: 'batch' }))).toEqual([
      ['model', 2, 1],
      ['model', 1, 0],
    ]);
  });

  it('are a finding of audit verify where the trail has them, and notes for prompts of others', async () => {
    const evidence = (await agreedHistory()).evidence();
    const events = [
      ...[call('amazon.nova-pro-v1:0'), call(PROMPT), call(`${PROMPT}:99`), call(`${PROMPT}:1`)],
      ...[call(`${PROMPT.slice(0, -10)}ZZZZZZZZZZ:1`), call('x.y', { role: 'admin' })],
      call('amazon.nova-lite-v1:0', { errorCode: 'AccessDeniedException' }),
    ];
    const trail = evidence.trail && { ...evidence.trail, events: [...evidence.trail.events, ...events] };
    const unmanaged = (callers?: string[]) =>
      verifyEvidence({ ...evidence, trail, ...(callers && { callers }) })
        .findings.filter(({ problem }) => problem === 'UnmanagedCall')
        .map(({ level, message }) => [level, message.split(', ')[1]]);
    expect(unmanaged(['app'])).toEqual([
      ['finding', 'without any prompt'],
      ['finding', 'a draft'],
      ['finding', 'which no alias ever had'],
      ['note', 'a prompt of no alias here'],
    ]);
    expect(unmanaged()).toEqual([]);
  });
});

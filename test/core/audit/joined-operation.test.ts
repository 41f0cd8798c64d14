import { describe, expect, test } from 'vitest';
import { joinedOperation } from '../../../core/audit/joined-operation';
import { StackOperations } from '../../../core/audit/stack-operations';
import { trailEvent } from '../../../core/audit/trail-event';
import { reasonKey } from '../../../core/ledger/layout';
import { serializeReason } from '../../../core/release/release-reason';

const STACK = 'arn:aws:cloudformation:us-east-1:123456789012:stack/Prompts/1';
const OTHER = 'arn:aws:cloudformation:us-east-1:123456789012:stack/Other/1';
const at = (minute: number) => `2026-11-29T10:${String(minute).padStart(2, '0')}:00.000Z`;

function began(minute: number, clientRequestToken?: string, stackName = STACK) {
  const event = trailEvent({
    ...{ eventID: `${stackName}-${minute}`, eventName: 'UpdateStack', eventTime: at(minute), awsRegion: 'us-east-1' },
    ...{ eventSource: 'cloudformation.amazonaws.com', userIdentity: {}, responseElements: { stackId: stackName } },
    requestParameters: { stackName, clientRequestToken },
  });
  if (event === undefined) throw new Error('no event');
  return event;
}

function said(minute: number, operation: string | null, reason: string, stackId = STACK) {
  const given = {
    schema: 1,
    stackId,
    operation,
    reason,
    requestId: reason,
    operationTime: `time:${at(minute)}`,
  } as const;
  const key = reasonKey(stackId, Date.parse(at(minute)));
  return { key, versions: [], body: serializeReason({ ...given, time: at(minute) }) };
}

const record = { operation: null, reason: null, stackId: STACK, time: at(12), undo: false };
const operations = new StackOperations([began(1, 'one'), began(11, 'two'), began(11, 'theirs', OTHER)]);
const reasons = [said(1, 'one', 'first'), said(11, 'two', 'second'), said(11, 'two', 'theirs', OTHER)];

describe('a record that does not know its operation', () => {
  test('is shown with the operation of its stack that was under way, and its reason', () => {
    expect(joinedOperation(record, operations, reasons)).toEqual({ operation: 'two', reason: 'second' });
  });

  test('has no reason where it went back, or where none was given to that operation', () => {
    expect(joinedOperation({ ...record, undo: true }, operations, reasons)).toEqual({ operation: 'two', reason: null });
    expect(joinedOperation(record, operations, reasons.slice(0, 1))).toEqual({ operation: 'two', reason: null });
  });

  test('is known by its time where the operation had no token', () => {
    const unnamed = new StackOperations([began(1), began(11)]);
    const given = [said(1, null, 'first'), said(11, null, 'second')];

    expect(joinedOperation(record, unnamed, given)).toEqual({ operation: null, reason: 'second' });
    expect(joinedOperation(record, unnamed, given.slice(0, 1))).toEqual({ operation: null, reason: null });
  });

  test('stays as it is where CloudTrail has no such operation, and where a reason cannot be read', () => {
    const nothing = { operation: null, reason: null };
    expect(joinedOperation(record, new StackOperations([]), reasons)).toEqual(nothing);
    const broken = [
      { key: 'k', versions: [], body: '{' },
      { key: 'l', versions: [] },
    ];
    expect(joinedOperation(record, operations, broken)).toEqual({ operation: 'two', reason: null });
  });
});

test('a record that knows its operation is shown as it is', () => {
  const known = { ...record, operation: 'one' };
  expect(joinedOperation(known, operations, reasons)).toEqual({ operation: 'one', reason: null });
});

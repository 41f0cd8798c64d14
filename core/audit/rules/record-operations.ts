import type { LedgerRecord } from '../../ledger/record';
import type { AuditedOperations, AuditRule } from '../audit-rule';
import { CLOCKS_MS, DAY_MS } from '../clocks';
import { isCovered } from '../coverage';
import type { Report } from '../finding';
import { stackName, stackNames } from '../stack-operations';
import type { TrailEvent } from '../trail-event';

type Problem = 'MoveWithoutEvent' | 'OperationOfAnotherStack' | 'MoveBeforeEvent' | 'MoveLongAfterEvent';

/** Each record was written by an operation of its stack. */
export const recordOperations: AuditRule<AuditedOperations, Problem> = {
  name: 'record-operations',
  reads: "stack, time and operation in each record, and CloudTrail's stack operations",
  finds: {
    MoveWithoutEvent: 'a record has no stack operation: no deployment wrote it',
    OperationOfAnotherStack: "a record's operation was on another stack than the record says",
    MoveBeforeEvent: 'a record says that it is older than its stack operation',
    MoveLongAfterEvent: "a record is more than a day younger than its stack's last operation: no deployment wrote it",
  },
  run(audited, report) {
    for (const { records, objects } of audited.survey.chains) {
      for (const record of records) {
        const key = objects.get(record.sequence)?.key ?? '';
        const event = audited.operations.of(record);
        if (event) compare(audited, record, event, key, report);
        else if (isCovered(audited, record.time, DAY_MS)) withoutEvent(record, key, report);
      }
    }
  },
};

function withoutEvent(
  { alias, sequence, operation, stackId, time }: LedgerRecord,
  key: string,
  report: Report<Problem>,
): void {
  const what =
    operation === null ? `on stack ${stackName(stackId)} in the day before ${time}` : `with the token ${operation}`;
  report(
    'MoveWithoutEvent',
    key,
    `is record ${sequence} of ${alias}; CloudTrail has no stack operation ${what}: it was not written by a deployment`,
  );
}

function compare(
  audited: AuditedOperations,
  { stackId, time, alias, sequence }: LedgerRecord,
  event: TrailEvent,
  key: string,
  report: Report<Problem>,
): void {
  const events = [event.id];
  const stacks = stackNames(event);
  if (stacks.length > 0 && !stacks.includes(stackName(stackId))) {
    report(
      'OperationOfAnotherStack',
      key,
      `is record ${sequence} of ${alias} and says stack ${stackName(stackId)}; its operation was on ${stacks.join(', ')}`,
      { events },
    );
  }
  const lag = Date.parse(time) - Date.parse(event.time);
  if (lag < -CLOCKS_MS) {
    report(
      'MoveBeforeEvent',
      key,
      `is record ${sequence} of ${alias} and says ${time}; its stack operation began at ${event.time}, later: the time is not the true one`,
      { events },
    );
  }
  const isLate = lag > DAY_MS + CLOCKS_MS;
  if (isLate && !audited.operations.before(stackId, time) && isCovered(audited, time, DAY_MS)) {
    report(
      'MoveLongAfterEvent',
      key,
      `is record ${sequence} of ${alias} and says ${time}; its stack operation began at ${event.time}, and none of that stack in the day before: it was not written by a deployment, but by somebody who called the registry's function or had its role`,
      { events },
    );
  }
}

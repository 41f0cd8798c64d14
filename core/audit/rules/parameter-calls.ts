import { guardrailParameterName } from '../../contract/guardrail';
import type { AuditedTrail, AuditRule } from '../audit-rule';
import { isStackExecution } from '../parameter-events';
import { actorName } from '../trail-event';

/** Calls that changed an alias's parameter, made by another than the stack. */
export const parameterCalls: AuditRule<AuditedTrail, 'WrittenByHand'> = {
  name: 'parameter-calls',
  reads: "CloudTrail's `PutParameter`, `DeleteParameter` and `DeleteParameters`",
  finds: { WrittenByHand: "an alias's parameter was written or deleted by hand, and its history no longer shows it" },
  run({ evidence, parameterEvents }, report) {
    const own = (evidence.parameters ?? []).map(({ name, history }) => ({ name, history }));
    // Of a parameter that tells clients of a guardrail no history is read: it lets nobody do more.
    const told = own.map(({ name }) => ({ name: guardrailParameterName(name), history: null }));
    for (const { name, history } of [...own, ...told]) {
      for (const event of parameterEvents.of(name)) {
        if (isStackExecution(event, evidence.stacks)) continue;
        // What the history still has is reported there, with the value.
        if (history?.some(({ version, time }) => parameterEvents.write(name, version, time) === event)) continue;
        const what = event.name === 'PutParameter' ? 'written' : 'deleted';
        report(
          'WrittenByHand',
          name,
          `was ${what} at ${event.time} by ${actorName(event.identity)}, not by the stack`,
          {
            events: [event.id],
          },
        );
      }
    }
  },
};

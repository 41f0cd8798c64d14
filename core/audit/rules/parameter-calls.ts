import { guardrailParameterName } from '../../contract/guardrail';
import { progressParameterName, rolloutParameterName } from '../../contract/rollout-parameters';
import type { AuditedTrail, AuditRule } from '../audit-rule';
import { byController, type RoleWrite } from '../controller-role';
import type { ParameterWrite } from '../evidence';
import { isStackExecution } from '../parameter-events';
import { actorName, roleName, type TrailEvent } from '../trail-event';

interface Watched {
  readonly name: string;
  readonly history: readonly ParameterWrite[] | null;
  /** Whether another than the stack may write it, and did. */
  readonly isOwn?: (write: RoleWrite) => boolean;
}

/** Calls that changed an alias's parameter, made by another than the stack. */
export const parameterCalls: AuditRule<AuditedTrail, 'WrittenByHand'> = {
  name: 'parameter-calls',
  reads:
    "CloudTrail's `PutParameter`, `DeleteParameter` and `DeleteParameters`, also of an alias's guardrail and rollouts",
  finds: { WrittenByHand: "an alias's parameter was written or deleted by hand, and its history no longer shows it" },
  run(audited, report) {
    for (const one of watched(audited)) {
      for (const event of byHand(one, audited)) {
        const what = event.name === 'PutParameter' ? 'written' : 'deleted';
        const registry = one.isOwn ? 'the registry' : 'the stack';
        report(
          'WrittenByHand',
          one.name,
          `was ${what} at ${event.time} by ${actorName(event.identity)}, not by ${registry}`,
          { events: [event.id] },
        );
      }
    }
  },
};

function byHand({ name, history, isOwn }: Watched, { evidence, parameterEvents }: AuditedTrail): TrailEvent[] {
  // What the history still has is reported there, with the value.
  const shown = new Set(history?.map(({ version, time }) => parameterEvents.write(name, version, time)));
  return parameterEvents.of(name).filter((event) => {
    if (isStackExecution(event, evidence.stacks) || shown.has(event)) return false;
    return event.name !== 'PutParameter' || !isOwn?.(writeOf(event));
  });
}

function* watched({ evidence, trail }: AuditedTrail): Generator<Watched> {
  const { controller, parameters = [] } = evidence;
  // Without a controller nobody knows which writes were its own.
  const isOwn = controller ? byController(controller, trail.events.filter(isWrite).map(writeOf)) : () => true;
  for (const { name, history, rollout } of parameters) {
    yield { name, history };
    // Of a parameter that tells clients of a guardrail no history is read: it lets nobody do more.
    yield { name: guardrailParameterName(name), history: null };
    if (!rollout) continue;
    yield { name: rolloutParameterName(name), history: rollout.plan };
    yield { name: progressParameterName(name), history: rollout.progress, isOwn };
  }
}

function isWrite({ name, errorCode }: TrailEvent): boolean {
  return errorCode === null && (name === 'PutParameter' || name === 'PutObject');
}

function writeOf({ identity, time }: TrailEvent): RoleWrite {
  return { role: roleName(identity), time };
}

import type { AuditedTrail, AuditRule } from '../audit-rule';
import { haltCalls, isCallOf, isLogging } from '../controller-calls';
import { isCovered } from '../coverage';
import { haltIn } from '../halt-in';

/** Each halt that a step says somebody asked for was asked for by a call of the controller. */
export const haltCallers: AuditRule<AuditedTrail, 'HaltWithoutCall'> = {
  name: 'halt-callers',
  reads: "CloudTrail's data events of the rollout controller, and the halts that somebody asked for",
  finds: {
    HaltWithoutCall:
      'a step says that somebody asked for a halt, and the trail, which logs calls of the controller, has none',
  },
  run(audited, report) {
    const { controller } = audited.evidence;
    if (!controller) return;
    const calls = audited.trail.events.filter((event) => isCallOf(controller.functionName, event));
    for (const { object } of audited.survey.steps) {
      const halt = haltIn(object);
      if (halt?.by !== 'request' || !isLogging(calls, halt.time) || !isCovered(audited, halt.time)) continue;
      if (haltCalls(halt, calls).calls.length > 0) continue;
      report(
        'HaltWithoutCall',
        object.key,
        `says that somebody asked for a halt at ${halt.time}: nobody called the controller`,
      );
    }
  },
};

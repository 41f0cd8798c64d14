import { PROGRESS_NAME, ROLLOUT_NAME } from '../../contract/rollout-parameters';
import { parseStep, type RolloutStep } from '../../ledger/rollout-step';
import type { AuditRule } from '../audit-rule';
import type { AuditedParameter } from '../audited-parameter';
import { byController } from '../controller-role';
import type { ControllerEvidence, ParameterWrite } from '../evidence';
import type { Report } from '../finding';
import { listedWrites } from '../listed-writes';
import { isByHand, writingCall } from '../parameter-writer';
import { progressProblems, rolloutProblems, type ValueProblem } from '../rollout-values';
import { actorName, roleName } from '../trail-event';

type Problem = ValueProblem['problem'] | 'WrittenByHand';

/** The two parameters of a rollout against the records that allow it and the steps that the controller recorded. */
export const rolloutParameters: AuditRule<AuditedParameter, Problem> = {
  name: 'rollout-parameters',
  reads:
    "the last 100 values of an alias's `rollout` and `rollout-progress`, which is all that Parameter Store keeps, who wrote them, its records and the steps of its rollouts",
  finds: {
    RolloutNotAllowed: 'an alias offered its callers a candidate, steps or keys that no record allowed',
    RolloutDiffers: "an alias's parameter `rollout` says another rollout than the newest record",
    ShareNotAllowed: 'an alias gave a share of its callers to a candidate that no record allowed',
    StepNotRecorded: 'an alias gave a share of its callers to a candidate that the controller had not recorded',
    ShareAfterHalt: 'an alias gave a share of its callers to a candidate whose rollout was halted before',
    StepTakenBack: 'an alias gave callers an earlier step of a rollout than the newest of its chain',
    UntilTooLate: 'a share was to hold for longer than a controller that dies lets it, or than its rollout',
    WrittenByHand: 'a parameter of a rollout was written by another than the stack, or the controller',
  },
  run(audited, report) {
    const { parameter, chain, busy, survey, evidence } = audited;
    const { rollout, name, promptId, alias } = parameter;
    if (!rollout || chain.unread) return;
    const own = survey.steps.filter(({ address }) => address.promptId === promptId && address.alias === alias);
    const stepsOf = (plan: number) => readSteps(own.filter(({ address }) => address.plan === plan));
    const known = { promptId, records: chain.records, stepsOf };
    const told = (below: string, problems: readonly ValueProblem[]) => {
      for (const { problem, write, message } of problems)
        report(
          problem,
          `${name}/${below}:${write.version}`,
          `${message}; written at ${write.time} by ${write.user || 'nobody named'}`,
        );
    };
    const plan = listedWrites(rollout.plan, evidence);
    const isAtRest = !busy && plan.length === (rollout.plan ?? []).length;
    told(ROLLOUT_NAME, rolloutProblems(plan, known, isAtRest));
    told(PROGRESS_NAME, progressProblems(listedWrites(rollout.progress, evidence), known));
    writtenByHand(audited, `${name}/${ROLLOUT_NAME}`, rollout.plan ?? [], undefined, report);
    if (evidence.controller)
      writtenByHand(audited, `${name}/${PROGRESS_NAME}`, rollout.progress ?? [], evidence.controller, report);
  },
};

function writtenByHand(
  audited: AuditedParameter,
  name: string,
  writes: readonly ParameterWrite[],
  controller: ControllerEvidence | undefined,
  report: Report<Problem>,
): void {
  const one = { ...audited, parameter: { ...audited.parameter, name } };
  const made = writes.map((write) => {
    const event = writingCall(one, write);
    const role = event ? roleName(event.identity) : roleName({ roleArn: null, arn: write.user });
    return { write, event, role, time: write.time };
  });
  const isController = controller ? byController(controller, made) : () => false;
  for (const { write, event, ...by } of made) {
    if (isController(by) || !isByHand(one, write, event)) continue;
    const who = event ? actorName(event.identity) : write.user;
    report('WrittenByHand', `${name}:${write.version}`, `was written at ${write.time} by ${who}, not by the registry`, {
      events: event ? [event.id] : [],
    });
  }
}

/** Undefined where one may not be read: then what is missing proves nothing. One that is no step is another rule's. */
function readSteps(steps: readonly { readonly object: { readonly body?: string } }[]): RolloutStep[] | undefined {
  if (steps.some(({ object }) => object.body === undefined)) return undefined;
  return steps.flatMap(({ object: { body = '' } }) => {
    try {
      return [parseStep(body)];
    } catch {
      return [];
    }
  });
}

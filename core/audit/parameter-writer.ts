import type { AuditedParameter } from './audited-parameter';
import type { ParameterWrite, StackEvidence } from './evidence';
import { isStackExecution } from './parameter-events';
import type { TrailEvent } from './trail-event';

/** The call that wrote a parameter, where CloudTrail has it. */
export function writingCall({ parameter, parameterEvents }: AuditedParameter, { version, time }: ParameterWrite) {
  return parameterEvents.write(parameter.name, version, time);
}

/** Whether somebody other than the stack wrote a parameter. */
export function isByHand(audited: AuditedParameter, write: ParameterWrite, event: TrailEvent | undefined): boolean {
  return !(event ? isStackExecution(event, audited.evidence.stacks) : isStackUser(write, audited.stack));
}

/** A stack that works with a role writes with it; without a role, its writer is the caller of CloudFormation, whom only CloudTrail names. */
function isStackUser({ user }: ParameterWrite, stack: StackEvidence | undefined): boolean {
  const role = stack?.roleArn;
  if (!role || user === '') return true;
  return user.includes(`:assumed-role/${role.slice(role.lastIndexOf('/') + 1)}/`) || isNamedAsStack(user);
}

/** CloudFormation names its sessions so, and anybody who assumes a role may do the same. */
export function isNamedAsStack(user: string): boolean {
  return /:assumed-role\/[^/]+\/AWSCloudFormation$/.test(user);
}

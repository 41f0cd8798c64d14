import type { AuditRule } from '../audit-rule';
import type { AuditedParameter } from '../audited-parameter';
import { shownValue } from '../parameter-value';
import { isByHand, isNamedAsStack, writingCall } from '../parameter-writer';
import { actorName, lastPart } from '../trail-event';

/** Each value of a parameter was written by the stack. */
export const parameterWriters: AuditRule<AuditedParameter, 'WrittenWithOtherRole' | 'WrittenByHand'> = {
  name: 'parameter-writers',
  reads: "who wrote each value of each alias's parameter, and CloudTrail's `PutParameter`",
  finds: {
    WrittenWithOtherRole:
      "a session with CloudFormation's name wrote an alias's parameter, with another role than the stack has now",
    WrittenByHand: 'an alias was pointed by hand, not by its stack',
  },
  run(audited, report) {
    const { name, history } = audited.parameter;
    const roles = [...audited.evidence.stacks.values()].flatMap(({ roleArn }) => (roleArn ? [lastPart(roleArn)] : []));
    for (const write of history ?? []) {
      const object = `${name}:${write.version}`;
      const did = `was set to ${shownValue(write.value)} at ${write.time}`;
      const event = writingCall(audited, write);
      if (isByHand(audited, write, event)) {
        const who = event ? actorName(event.identity) : write.user;
        report('WrittenByHand', object, `${did} by ${who}, not by the stack: the alias was pointed by hand`, {
          events: event ? [event.id] : [],
        });
      } else if (!event && isNamedAsStack(write.user) && !isOneOf(roles, write.user)) {
        report(
          'WrittenWithOtherRole',
          object,
          `${did} by ${write.user}: the role that the stack worked with then, or somebody who gave the session CloudFormation's name; only CloudTrail tells`,
          { level: 'note' },
        );
      }
    }
  },
};

/** Where no stack works with a role, any may be its own. */
function isOneOf(roles: readonly string[], user: string): boolean {
  return roles.length === 0 || roles.some((role) => user.includes(`:assumed-role/${role}/`));
}

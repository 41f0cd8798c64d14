import { type CfnResource, type CustomResource, Stack } from 'aws-cdk-lib';
import { appMemory } from './app-memory';

/**
 * How many resources of a kind CloudFormation works on at once. A new account runs 10 functions at a time, and an event
 * that finds no room waits 1, 2, 4, … seconds to try again, until it is too old and lost: with 80 events at once some
 * never get their turn. Versions and plans overlap, and leave room for others; aliases come after all plans.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
const AT_ONCE = { version: 4, plan: 5, alias: 8 } as const;

export type Turns = keyof typeof AT_ONCE;

const queues = appMemory('turns', (): Record<Turns, CfnResource[]> => ({ version: [], plan: [], alias: [] }));

/** Puts the resource behind an earlier one of its kind, where the stack has more of them than may run at once. */
export function takeTurns(custom: CustomResource, kind: Turns): void {
  const queue = queues(Stack.of(custom));
  const resource = custom.node.defaultChild as CfnResource;
  const before = queue[kind].at(-AT_ONCE[kind]);
  if (before !== undefined) {
    resource.addResourceDependency(before);
  }
  queue[kind].push(resource);
}

import type { LambdaFunction } from './lambda-functions';

/** A function's own policy: who else may invoke it. */
export function functionPolicy(found: LambdaFunction | undefined): object | undefined {
  return found && found.permissions.size > 0
    ? { Version: '2012-10-17', Id: 'default', Statement: [...found.permissions.values()] }
    : undefined;
}

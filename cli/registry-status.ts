import { bucketProblems } from '../core/audit/bucket-settings';
import { isAccessError } from '../core/contract/access-error';
import { explained } from './aws-failure';
import { type BucketSettingsRead, bucketSettings } from './bucket-settings';
import { replacedRoles } from './pinned-roles';
import type { Registry } from './registry';
import { isAtWork } from './release/stack-readiness';
import type { Check } from './status-checks';
import { takenNames } from './taken-names';

export interface RegistryStatus {
  readonly checks: readonly Check[];
  /** Worth knowing, or could not be read. */
  readonly notes: readonly string[];
}

type ReadBucket = () => Promise<BucketSettingsRead>;

/** What `status` compares of the registry itself, apart from its aliases. What may not be read is named. */
export async function registryStatus(registry: Registry): Promise<RegistryStatus> {
  const notes: string[] = [];
  // Undefined for what nobody could look at: a check that stands there was made.
  const attempt = async (what: Check['what'], read: () => Promise<readonly string[] | undefined>): Promise<Check[]> => {
    try {
      const findings = await read();
      return findings === undefined ? [] : [{ what, findings }];
    } catch (error) {
      if (!isAccessError(error)) throw error;
      notes.push(`${what} could not be looked at: ${explained(error).why ?? (error as Error).message}`);
      return [];
    }
  };
  let reading: Promise<BucketSettingsRead> | undefined;
  const bucketRead = () => {
    reading ??= bucketSettings(registry.clients.s3, registry.stack.ledgerBucket);
    return reading;
  };
  // A stack at work has made policies that its list of resources does not show yet.
  const atWork = isAtWork(registry.stack);
  const names: Check[] = atWork
    ? [{ what: 'names', findings: [], pending: true }]
    : await attempt('names', () => nameFindings(registry, notes));
  const bucket: Check[] = atWork
    ? [{ what: 'bucket', findings: [], pending: true }]
    : await attempt('bucket', () => bucketFindings(registry, notes, bucketRead));
  const roles: Check[] = atWork
    ? [{ what: 'roles', findings: [], pending: true }]
    : await attempt('roles', () => roleFindings(registry, bucketRead));
  return { checks: [...names, ...bucket, ...roles], notes };
}

async function nameFindings({ clients, stack }: Registry, notes: string[]): Promise<string[]> {
  const { taken, unknown, isWhole } = await takenNames(clients.iam, stack);
  if (!isWhole) notes.push('names taken under a path could not be looked for: iam:ListPolicies is missing');
  if (unknown.length > 0) {
    notes.push(
      `${unknown.join(', ')}: of no alias of this stack; unless another stack of the registry made it, somebody took the name`,
    );
  }
  return taken.map(
    (arn) =>
      `${arn} has the name of an alias's policy and is not the stack's: roles that attach it by name get what it says`,
  );
}

/** Undefined where the policy may not be read, or is another stack's: the bucket's check says so. */
async function roleFindings({ clients, stack }: Registry, bucketRead: ReadBucket): Promise<string[] | undefined> {
  const { pinnedRoles = [] } = stack.ledger ?? {};
  if (pinnedRoles.length === 0) return undefined;
  const { policy } = (await bucketRead()).settings;
  if (policy === undefined) return undefined;
  const replaced = await replacedRoles(clients.iam, policy ?? '{}', pinnedRoles);
  return [...replaced].map(([roleName, problem]) => `role ${roleName} ${problem}`);
}

async function bucketFindings(
  { stack }: Registry,
  notes: string[],
  bucketRead: ReadBucket,
): Promise<string[] | undefined> {
  if (stack.ledger === undefined) {
    notes.push('the bucket is another stack’s: its settings and roles are compared there');
    return undefined;
  }
  const { settings, denied } = await bucketRead();
  if (denied.length > 0) notes.push(`not all of the bucket could be looked at: ${denied.join(', ')} missing`);
  return bucketProblems(settings, stack.ledger).map((problem) => `s3://${stack.ledgerBucket} ${problem}`);
}

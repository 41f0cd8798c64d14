import { bucketPolicyProblems, type PinnedRole } from './bucket-policy';

/** What a ledger's bucket is set to now. Null where it has no such setting, undefined where that was not read. */
export interface BucketSettings {
  readonly encryption?: { readonly algorithm: string; readonly keyArn: string | null } | null;
  /** ARNs of the buckets that it is replicated to. */
  readonly replication?: readonly string[] | null;
  readonly ownership?: string | null;
  /** Whether all four kinds of public access are blocked. */
  readonly isPrivate?: boolean;
  readonly lifecycleRules?: number;
  readonly versioning?: string | null;
  readonly policy?: string | null;
  /** Default retention, `COMPLIANCE for 365 days`. */
  readonly retention?: string | null;
}

/** What the stack's template says of the bucket. */
export interface DeclaredBucket {
  /** Null for S3's own keys. */
  readonly keyId: string | null | undefined;
  /** The statements of its policy, with `UNKNOWN` for what only CloudFormation knows. */
  readonly statements: readonly unknown[];
  /** Roles whose ids its policy names. */
  readonly pinnedRoles: readonly PinnedRole[];
  /** As in {@link BucketSettings}. */
  readonly retention: string | null;
}

/**
 * Settings that somebody put there and no release takes away. What the registry declares it compares with what is there;
 * what it never declares must not be there.
 */
export function bucketProblems(settings: BucketSettings, declared: DeclaredBucket): string[] {
  const { replication, ownership, isPrivate, lifecycleRules = 0, versioning, policy } = settings;
  return [
    ...encryptionProblems(settings, declared),
    ...(replication?.length ? [`is replicated to ${replication.join(', ')}: its owner reads prompt texts`] : []),
    ...(ownership !== undefined && ownership !== 'BucketOwnerEnforced'
      ? [`lets others own objects (${ownership ?? 'no ownership controls'})`]
      : []),
    ...(isPrivate === false ? ['does not block all public access'] : []),
    ...(lifecycleRules > 0 ? [`has ${lifecycleRules} lifecycle rules: S3 itself deletes by them`] : []),
    ...(versioning !== undefined && versioning !== 'Enabled' ? [`has versioning ${versioning ?? 'off'}`] : []),
    ...retentionProblems(settings, declared),
    ...(policy === undefined ? [] : bucketPolicyProblems(policy, declared.statements)),
  ];
}

function encryptionProblems({ encryption }: BucketSettings, { keyId }: DeclaredBucket): string[] {
  if (encryption === undefined || keyId === undefined) return [];
  const key = encryption?.algorithm === 'AES256' ? null : (encryption?.keyArn ?? '');
  if (lastOf(key) === lastOf(keyId)) return [];
  return [`encrypts what is written with ${key ?? "S3's own key"}, the stack says ${keyId ?? "S3's own key"}`];
}

function retentionProblems({ retention }: BucketSettings, declared: DeclaredBucket): string[] {
  if (retention === undefined || retention === declared.retention) return [];
  const [found, expected] = [retention, declared.retention].map((one) => one ?? 'without a retention');
  return [`keeps what is written ${found}, the stack says ${expected}`];
}

function lastOf(arn: string | null): string | null {
  return arn === null ? null : (arn.split('/').at(-1) ?? arn);
}

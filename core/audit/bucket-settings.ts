import { list, object, text } from './trail-event';

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
}

/** What the stack's template says of the bucket. */
export interface DeclaredBucket {
  /** Null for S3's own keys. */
  readonly keyId: string | null | undefined;
  /** The statements of its policy, with the intrinsics of the template. */
  readonly statements: readonly unknown[];
}

/**
 * Settings that somebody put there and no release takes away. What the registry declares it compares with what is there;
 * what it never declares must not be there.
 */
export function bucketProblems(settings: BucketSettings, declared: DeclaredBucket): string[] {
  const { encryption, replication, ownership, isPrivate, lifecycleRules = 0, versioning, policy } = settings;
  const key = encryption?.algorithm === 'AES256' ? null : (encryption?.keyArn ?? '');
  const isOtherKey = encryption !== undefined && declared.keyId !== undefined && lastOf(key) !== lastOf(declared.keyId);
  return [
    ...(isOtherKey
      ? [`encrypts what is written with ${key ?? "S3's own key"}, the stack says ${declared.keyId ?? "S3's own key"}`]
      : []),
    ...(replication?.length
      ? [`is replicated to ${replication.join(', ')}: whoever owns that reads prompt texts`]
      : []),
    ...(ownership !== undefined && ownership !== 'BucketOwnerEnforced'
      ? [`lets others own objects (${ownership ?? 'no ownership controls'})`]
      : []),
    ...(isPrivate === false ? ['does not block all public access'] : []),
    ...(lifecycleRules > 0 ? [`has ${lifecycleRules} lifecycle rules: S3 itself deletes by them`] : []),
    ...(versioning !== undefined && versioning !== 'Enabled' ? [`has versioning ${versioning ?? 'off'}`] : []),
    ...(policy === undefined ? [] : policyFindings(policy, declared.statements)),
  ];
}

/** Each Deny of the template has to stand in the policy as it was written. */
function policyFindings(policy: string | null, declared: readonly unknown[]): string[] {
  if (policy === null) return ['has no policy: records can be deleted and forged'];
  const found = list(object(JSON.parse(policy)).Statement).map(object);
  return declared.map(object).flatMap(({ Sid, ...expected }) => {
    if (text(Sid) === null || expected.Effect !== 'Deny') return [];
    const own = found.filter((statement) => statement.Sid === Sid);
    if (own.length === 0) return [`has a policy without its statement ${Sid}`];
    return own.length === 1 && skeleton(own[0]) === skeleton(expected)
      ? []
      : [`has a policy whose statement ${Sid} was changed`];
  });
}

/** What can be compared without knowing what the template's references stand for. */
function skeleton(statement: unknown): string {
  const { Effect, Principal, Action, NotAction, Resource, NotResource, Condition } = object(statement);
  const conditions = Object.entries(object(Condition)).map(([operator, keys]) => [
    operator,
    Object.entries(object(keys)).map(([key, value]) => [key, [value].flat().length]),
  ]);
  const count = (value: unknown) => (value === undefined ? 0 : [value].flat().length);
  return JSON.stringify([
    ...[Effect, Principal, [Action].flat().sort(), NotAction ?? null, count(Resource), count(NotResource)],
    conditions.sort(),
  ]);
}

function lastOf(arn: string | null): string | null {
  return arn === null ? null : (arn.split('/').at(-1) ?? arn);
}

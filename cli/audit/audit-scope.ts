import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  GetBucketPolicyCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { ControllerEvidence, StackEvidence } from '../../core/audit/evidence';
import { lastPart, list, object, text } from '../../core/audit/trail-event';
import { isAccessError } from '../../core/contract/access-error';
import type { LogicalIdRole } from '../../core/contract/logical-id-role';
import { logicalId } from '../../core/contract/names';
import { FOLDERS, promptPrefix } from '../../core/ledger/layout';
import type { AwsClients } from '../aws-clients';
import { CliError } from '../cli-error';
import type { CommandContext } from '../command';
import type { Registry } from '../registry';
import type { RegistryStack } from '../registry-stack';

/** What an audit looks at: a ledger's bucket, and the stack of its registry where that still exists. */
export interface AuditScope {
  readonly clients: AwsClients;
  readonly region: string;
  readonly bucket: string;
  /** Undefined for a ledger that outlived its stack. */
  readonly stack: RegistryStack | undefined;
}

/** The registry as other commands find it; with `--ledger-bucket`, the ledger alone where no stack is left. */
export async function auditScope({ openRegistry, values }: CommandContext, promptName?: string): Promise<AuditScope> {
  const bucket = values['ledger-bucket'];
  try {
    return await scopeOf(await openRegistry(promptName));
  } catch (error) {
    const isGone = error instanceof CliError && /^no (prompt registry|stack)\b/.test(error.message);
    if (typeof bucket !== 'string' || !isGone) throw error;
    const { clientsOf } = await import('../open-registries');
    const clients = await clientsOf({ values });
    return { clients, region: await clients.s3.config.region(), bucket, stack: undefined };
  }
}

/** The registry as an audit sees it. */
export async function scopeOf({ clients, stack }: Registry): Promise<AuditScope> {
  return { clients, region: await clients.s3.config.region(), bucket: stack.ledgerBucket, stack };
}

/** Names of the roles that may write to the ledger: from the stack, else from the bucket's policy, which names them. */
export async function registryRoles({ clients, bucket, stack }: AuditScope) {
  const prefix = stack?.parameterPrefix ?? '';
  const named = (role: LogicalIdRole) =>
    stack?.resources.get(logicalId(prefix, undefined, undefined, role))?.physicalId ?? null;
  const [publisher, releaser] = [named('PublisherRole'), named('ReleaserRole')];
  if (publisher !== null && releaser !== null) return { publisher, releaser };
  const policy = await clients.s3.send(new GetBucketPolicyCommand({ Bucket: bucket })).catch((error: Error) => {
    if (isAccessError(error) || error.name === 'NoSuchBucketPolicy') return undefined;
    throw error;
  });
  const statements = list(object(JSON.parse(policy?.Policy ?? '{}')).Statement).map(object);
  const writer = (folder: string) => {
    const own = statements.find(
      ({ Effect, Resource, Condition }) =>
        Effect === 'Deny' &&
        object(Condition).ArnNotEquals !== undefined &&
        [Resource].flat().some((one) => String(one).endsWith(`/${folder}/*`)),
    );
    const except = object(object(own?.Condition).ArnNotEquals)['aws:PrincipalArn'];
    const arn = text([except].flat()[0]);
    return arn === null ? null : lastPart(arn);
  };
  return { publisher: publisher ?? writer('versions'), releaser: releaser ?? writer('ledger') };
}

/** The function that moves rollouts, and its role; undefined where the registry's stack has none, or is not known. */
export function controllerOf({ stack }: Pick<AuditScope, 'stack'>): ControllerEvidence | undefined {
  const named = (role: LogicalIdRole) =>
    stack?.resources.get(logicalId(stack.parameterPrefix, undefined, undefined, role))?.physicalId;
  const [functionName, roleName] = [named('Controller'), named('ControllerRole')];
  return functionName !== undefined && roleName !== undefined ? { functionName, roleName } : undefined;
}

/** How CloudFormation works with each stack that wrote records. */
export async function stackEvidence(
  { clients, stack }: AuditScope,
  stackIds: Iterable<string>,
): Promise<Map<string, StackEvidence>> {
  const found = new Map<string, StackEvidence>();
  for (const stackId of new Set([...(stack ? [stack.stackId] : []), ...stackIds])) {
    const described = await clients.cloudFormation
      .send(new DescribeStacksCommand({ StackName: stackId }))
      .catch((error: Error) => {
        if (isAccessError(error) || /does not exist/.test(error.message)) return undefined;
        throw error;
      });
    const { RoleARN = null, StackStatus = null } = described?.Stacks?.[0] ?? {};
    found.set(stackId, { stackId, roleArn: RoleARN, status: StackStatus });
  }
  return found;
}

/** The account of a registry: of its stack, else of whatever stack wrote to the ledger. */
export function accountOf({ stack }: AuditScope, stackIds: Iterable<string>): string {
  for (const arn of [stack?.stackId, ...stackIds]) {
    const account = /^arn:[^:]*:cloudformation:[^:]*:(\d{12}):/.exec(arn ?? '')?.[1];
    if (account) return account;
  }
  return '';
}

/**
 * Bedrock's ids that a prompt of this name has or had: one more each time it was deleted and made again.
 *
 * @throws CliError that lists the prompts there are
 */
export async function promptIdsNamed(
  { clients: { s3 }, bucket, stack }: AuditScope,
  promptName: string,
): Promise<string[]> {
  const ids = new Set([
    ...(await folders(s3, bucket, FOLDERS.ledger)),
    ...(await folders(s3, bucket, FOLDERS.versions)),
  ]);
  const names = new Map<string, string>();
  for (const id of ids) {
    const name =
      (await nameIn(s3, bucket, promptPrefix('ledger', id))) ??
      (await nameIn(s3, bucket, promptPrefix('versions', id)));
    if (name !== undefined) names.set(id, name);
  }
  const own = stack?.resources.get(logicalId(stack.parameterPrefix, promptName, undefined, 'Prompt'))?.physicalId;
  if (own !== undefined) names.set(lastPart(own), promptName);
  const found = [...names].flatMap(([id, name]) => (name === promptName ? [id] : []));
  if (found.length > 0) return found;
  const known = [...new Set(names.values())].sort();
  const fix =
    known.length > 0
      ? `prompts there: ${known.join(', ')}`
      : 'the ledger is empty: nothing was published or released yet';
  throw new CliError({ what: `no prompt ${promptName} in the ledger s3://${bucket}`, fix });
}

async function folders(s3: S3Client, Bucket: string, Prefix: string): Promise<string[]> {
  const found: string[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page: { CommonPrefixes?: { Prefix?: string }[]; NextContinuationToken?: string } = await s3.send(
      new ListObjectsV2Command({ Bucket, Prefix, Delimiter: '/', ContinuationToken }),
    );
    found.push(...(page.CommonPrefixes ?? []).map(({ Prefix: name = '' }) => name.slice(Prefix.length, -1)));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return found;
}

/** Objects that are looked at for a prompt's name: one that cannot be read must not hide it. */
const FEW = 5;

/** What the first readable object of a prompt says that it is called. */
async function nameIn(s3: S3Client, Bucket: string, Prefix: string): Promise<string | undefined> {
  const keys: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix, MaxKeys: FEW })) {
    keys.push(...Contents.flatMap(({ Key }) => Key ?? []));
    if (keys.length >= FEW) break;
  }
  for (const Key of keys.slice(0, FEW)) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    try {
      const name = text(object(JSON.parse((await Body?.transformToString()) ?? '')).prompt);
      if (name !== null) return name;
    } catch {
      // A record that cannot be read is reported elsewhere.
    }
  }
  return undefined;
}

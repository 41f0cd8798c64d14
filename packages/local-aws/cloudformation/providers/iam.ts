import { isDeepStrictEqual } from 'node:util';
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  type CreateRoleCommandInput,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  IAMClient,
  type PolicyVersion,
  PutRolePolicyCommand,
  paginateListPolicyVersions,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from '@aws-sdk/client-iam';
import { notImplemented } from '../../aws-error';
import type { Properties } from '../stack-target';
import { as, type ProviderContext, type ResourceProvider, unlessGone } from './provider';

interface RoleProperties {
  readonly AssumeRolePolicyDocument: object;
  readonly Description?: string;
  readonly ManagedPolicyArns?: readonly string[];
  readonly Policies?: readonly { readonly PolicyName: string; readonly PolicyDocument: object }[];
}

export const iamRole: ResourceProvider = {
  properties:
    'RoleName AssumeRolePolicyDocument Description Path MaxSessionDuration ManagedPolicyArns Policies PermissionsBoundary Tags',

  async create(properties, context) {
    const { ManagedPolicyArns: _, Policies: __, AssumeRolePolicyDocument, ...rest } = properties;
    const RoleName = String(properties.RoleName ?? context.generatedName(64));
    const input = { ...rest, RoleName, AssumeRolePolicyDocument: JSON.stringify(AssumeRolePolicyDocument) };
    const { Role } = await context.client(IAMClient).send(new CreateRoleCommand(as<CreateRoleCommandInput>(input)));
    context.made(RoleName);
    await bringRolePolicies(RoleName, as(properties), { AssumeRolePolicyDocument: {} }, context);
    return { physicalId: RoleName, attributes: { Arn: Role?.Arn, RoleId: Role?.RoleId } };
  },

  async update(RoleName, properties, before, context) {
    if (
      !isDeepStrictEqual([properties.PermissionsBoundary, properties.Tags], [before.PermissionsBoundary, before.Tags])
    ) {
      throw notImplemented('a change of PermissionsBoundary or Tags of AWS::IAM::Role');
    }
    const client = context.client(IAMClient);
    const PolicyDocument = JSON.stringify(properties.AssumeRolePolicyDocument);
    await client.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }));
    if (properties.Description !== before.Description || properties.MaxSessionDuration !== before.MaxSessionDuration) {
      const Description = String(properties.Description ?? '');
      const MaxSessionDuration = Number(properties.MaxSessionDuration ?? 3600);
      await client.send(new UpdateRoleCommand({ RoleName, Description, MaxSessionDuration }));
    }
    await bringRolePolicies(RoleName, as(properties), as(before), context);
    const { Role } = await client.send(new GetRoleCommand({ RoleName }));
    return { Arn: Role?.Arn, RoleId: Role?.RoleId };
  },

  async remove(RoleName, properties, context) {
    await unlessGone(bringRolePolicies(RoleName, { AssumeRolePolicyDocument: {} }, as(properties), context));
    await unlessGone(context.client(IAMClient).send(new DeleteRoleCommand({ RoleName })));
  },
};

/** Attaches and detaches, writes and deletes what differs between two states of a role. */
async function bringRolePolicies(RoleName: string, to: RoleProperties, from: RoleProperties, context: ProviderContext) {
  const client = context.client(IAMClient);
  const [wanted, present] = [to.ManagedPolicyArns ?? [], from.ManagedPolicyArns ?? []];
  const [inline, oldInline] = [to.Policies ?? [], from.Policies ?? []];
  for (const PolicyArn of wanted) {
    await client.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
  }
  for (const PolicyArn of present.filter((arn) => !wanted.includes(arn))) {
    await unlessGone(client.send(new DetachRolePolicyCommand({ RoleName, PolicyArn })));
  }
  for (const { PolicyName, PolicyDocument } of inline) {
    await client.send(
      new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument: JSON.stringify(PolicyDocument) }),
    );
  }
  for (const { PolicyName } of oldInline.filter(
    ({ PolicyName: old }) => !inline.some((now) => now.PolicyName === old),
  )) {
    await unlessGone(client.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })));
  }
}

/** An inline policy put on roles. */
export const iamPolicy: ResourceProvider = {
  properties: 'PolicyName PolicyDocument Roles',

  async create(properties, context) {
    const physicalId = context.generatedName(64);
    context.made(physicalId);
    await bringInlinePolicy(properties, {}, context);
    return { physicalId, attributes: { Id: physicalId } };
  },

  async update(physicalId, properties, before, context) {
    await bringInlinePolicy(properties, before, context);
    return { Id: physicalId };
  },

  remove: (_, properties, context) => bringInlinePolicy({}, properties, context),
};

async function bringInlinePolicy(to: Properties, from: Properties, context: ProviderContext): Promise<void> {
  const client = context.client(IAMClient);
  const [roles, oldRoles] = [as<string[]>(to.Roles ?? []), as<string[]>(from.Roles ?? [])];
  const [PolicyName, oldName] = [String(to.PolicyName), String(from.PolicyName)];
  for (const RoleName of roles) {
    const PolicyDocument = JSON.stringify(to.PolicyDocument);
    await client.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
  }
  for (const RoleName of oldRoles.filter((role) => PolicyName !== oldName || !roles.includes(role))) {
    await unlessGone(client.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: oldName })));
  }
}

export const iamManagedPolicy: ResourceProvider = {
  properties: 'ManagedPolicyName Path Description PolicyDocument Roles',

  async create(properties, context) {
    const { Path, Description } = as<{ Path?: string; Description?: string }>(properties);
    const PolicyName = String(properties.ManagedPolicyName ?? context.generatedName(128));
    const PolicyDocument = JSON.stringify(properties.PolicyDocument);
    const { Policy } = await context
      .client(IAMClient)
      .send(new CreatePolicyCommand({ PolicyName, PolicyDocument, Path, Description }));
    const arn = String(Policy?.Arn);
    context.made(arn);
    await attach(arn, as<string[]>(properties.Roles ?? []), [], context);
    return { physicalId: arn, attributes: { PolicyArn: arn, PolicyId: Policy?.PolicyId } };
  },

  async update(PolicyArn, properties, before, context) {
    const client = context.client(IAMClient);
    if (!isDeepStrictEqual(properties.PolicyDocument, before.PolicyDocument)) {
      await removeOldVersions(PolicyArn, 4, context);
      const PolicyDocument = JSON.stringify(properties.PolicyDocument);
      await client.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument, SetAsDefault: true }));
    }
    await attach(PolicyArn, as<string[]>(properties.Roles ?? []), as<string[]>(before.Roles ?? []), context);
    return { PolicyArn };
  },

  async remove(PolicyArn, properties, context) {
    await attach(PolicyArn, [], as<string[]>(properties.Roles ?? []), context);
    await unlessGone(removeOldVersions(PolicyArn, 1, context));
    await unlessGone(context.client(IAMClient).send(new DeletePolicyCommand({ PolicyArn })));
  },
};

async function attach(PolicyArn: string, to: readonly string[], from: readonly string[], context: ProviderContext) {
  const client = context.client(IAMClient);
  for (const RoleName of to) {
    await client.send(new AttachRolePolicyCommand({ PolicyArn, RoleName }));
  }
  for (const RoleName of from.filter((role) => !to.includes(role))) {
    await unlessGone(client.send(new DetachRolePolicyCommand({ PolicyArn, RoleName })));
  }
}

/** IAM keeps five versions of a policy: leaves `keep` of them, the default among them. */
async function removeOldVersions(PolicyArn: string, keep: number, context: ProviderContext): Promise<void> {
  const client = context.client(IAMClient);
  const versions: PolicyVersion[] = [];
  for await (const page of paginateListPolicyVersions({ client }, { PolicyArn }))
    versions.push(...(page.Versions ?? []));
  const byAge = versions
    .filter(({ IsDefaultVersion }) => !IsDefaultVersion)
    .sort((a, b) => Number(a.VersionId?.slice(1)) - Number(b.VersionId?.slice(1)));
  for (const { VersionId } of byAge.slice(0, Math.max(0, versions.length - keep))) {
    await client.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId }));
  }
}

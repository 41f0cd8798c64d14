import type {
  AttachRolePolicyCommandInput,
  CreateRoleCommandInput,
  CreateRoleCommandOutput,
  DetachRolePolicyCommandInput,
  GetRoleCommandOutput,
  GetRolePolicyCommandInput,
  GetRolePolicyCommandOutput,
  Role as IamRole,
  ListAttachedRolePoliciesCommandOutput,
  ListRolePoliciesCommandOutput,
  ListRoleTagsCommandOutput,
  PutRolePolicyCommandInput,
  TagRoleCommandInput,
  UntagRoleCommandInput,
  UpdateAssumeRolePolicyCommandInput,
  UpdateRoleCommandInput,
  UpdateRoleDescriptionCommandInput,
} from '@aws-sdk/client-iam';
import { AwsError } from '../aws-error';
import type { Call } from '../call';
import { type Operation, operation } from '../service';
import { supportedMembers } from '../supported-members';
import { type IamState, iamQuotas, noSuchEntity, quotaExceeded, type Role, type Tag } from './iam-state';
import { type PolicyDocument, parsePolicyDocument, policySize } from './policy-document';

interface RoleInput {
  RoleName: string | undefined;
}

/** IAM's operations on roles, their inline policies and what is attached to them. */
export function roleOperations(state: IamState): Record<string, Operation> {
  /** An operation on one role, which IAM judges as `iam:` and the operation's name. */
  const onRole = <Input extends RoleInput, Output>(
    members: string,
    run: (role: Role, input: Input, call: Call) => Omit<Output, '$metadata'> | Promise<Omit<Output, '$metadata'>>,
  ) =>
    operation<Input, Output>({
      authorize: ({ RoleName = '', ...input }, { operation: name }) => [
        { action: `iam:${name}`, resource: state.roleArn(RoleName), context: policyContext(input) },
      ],
      run: (input, call) => {
        supportedMembers(call, input, `RoleName ${members}`);
        return run(state.role(input.RoleName ?? ''), input, call);
      },
    });

  return {
    CreateRole: operation<CreateRoleCommandInput, CreateRoleCommandOutput>({
      authorize: ({ Path = '/', RoleName }, { account }) => [
        { action: 'iam:CreateRole', resource: `arn:aws:iam::${account}:role${Path}${RoleName}` },
      ],
      run: async (input, call) => {
        supportedMembers(call, input, 'RoleName Path AssumeRolePolicyDocument Description MaxSessionDuration Tags');
        const name = input.RoleName ?? '';
        if (!/^[\w+=,.@-]{1,64}$/.test(name)) {
          throw new AwsError('ValidationError', 400, `The specified value for roleName is invalid: ${name}`);
        }
        const trust = await parseTrust(state, input.AssumeRolePolicyDocument, call.account);
        const { Path: path = '/', Description: description, MaxSessionDuration: maxSessionDuration = 3600 } = input;
        const tags = mergedTags([], input.Tags ?? []);
        return { Role: described(state.createRole({ name, path, trust, description, maxSessionDuration, tags })) };
      },
    }),
    GetRole: onRole<RoleInput, GetRoleCommandOutput>('', (role) => ({ Role: described(role) })),
    UpdateRole: onRole<UpdateRoleCommandInput, object>('Description MaxSessionDuration', (role, input) => {
      role.description = input.Description;
      role.maxSessionDuration = input.MaxSessionDuration ?? 3600;
      return {};
    }),
    UpdateRoleDescription: onRole<UpdateRoleDescriptionCommandInput, object>('Description', (role, input) => {
      role.description = input.Description;
      return { Role: described(role) };
    }),
    UpdateAssumeRolePolicy: onRole<UpdateAssumeRolePolicyCommandInput, object>(
      'PolicyDocument',
      async (role, { PolicyDocument: text }, { account }) => {
        role.trust = await parseTrust(state, text, account);
        return {};
      },
    ),
    DeleteRole: onRole('', ({ name }) => {
      state.deleteRole(name);
      return {};
    }),

    PutRolePolicy: onRole<PutRolePolicyCommandInput, object>('PolicyName PolicyDocument', async (role, input) => {
      const document = await parsePolicyDocument(input.PolicyDocument ?? '', 'identity', 'MalformedPolicyDocument');
      state.setInlinePolicy(role, input.PolicyName ?? '', document);
      return {};
    }),
    GetRolePolicy: onRole<GetRolePolicyCommandInput, GetRolePolicyCommandOutput>(
      'PolicyName',
      (role, { PolicyName = '' }) => {
        const { text } = inlinePolicy(role, PolicyName);
        return { RoleName: role.name, PolicyName, PolicyDocument: encodeURIComponent(text) };
      },
    ),
    DeleteRolePolicy: onRole<GetRolePolicyCommandInput, object>('PolicyName', (role, { PolicyName = '' }) => {
      inlinePolicy(role, PolicyName);
      state.setInlinePolicy(role, PolicyName, undefined);
      return {};
    }),
    ListRolePolicies: onRole<RoleInput, ListRolePoliciesCommandOutput>('MaxItems', ({ grants }) => ({
      PolicyNames: Object.keys(grants.inline).sort(),
    })),

    AttachRolePolicy: onRole<AttachRolePolicyCommandInput, object>('PolicyArn', (role, { PolicyArn = '' }) => {
      const { arn } = state.policy(PolicyArn);
      state.setAttached(role, [...new Set([...role.grants.attached, arn])]);
      return {};
    }),
    DetachRolePolicy: onRole<DetachRolePolicyCommandInput, object>('PolicyArn', (role, { PolicyArn = '' }) => {
      if (!role.grants.attached.includes(PolicyArn)) {
        throw noSuchEntity(`Policy ${PolicyArn} was not found.`);
      }
      state.setAttached(
        role,
        role.grants.attached.filter((arn) => arn !== PolicyArn),
      );
      return {};
    }),
    ListAttachedRolePolicies: onRole<RoleInput, ListAttachedRolePoliciesCommandOutput>('MaxItems', ({ grants }) => ({
      AttachedPolicies: grants.attached.map((PolicyArn) => ({ PolicyArn, PolicyName: state.policy(PolicyArn).name })),
    })),

    TagRole: onRole<TagRoleCommandInput, object>('Tags', (role, { Tags = [] }) => {
      role.tags = mergedTags(role.tags, Tags);
      return {};
    }),
    UntagRole: onRole<UntagRoleCommandInput, object>('TagKeys', (role, { TagKeys = [] }) => {
      role.tags = role.tags.filter(({ Key = '' }) => !TagKeys.includes(Key));
      return {};
    }),
    ListRoleTags: onRole<RoleInput, ListRoleTagsCommandOutput>('MaxItems', ({ tags }) => ({ Tags: tags })),
  };
}

export function mergedTags(old: readonly Tag[], added: readonly Tag[]): Tag[] {
  return [...new Map([...old, ...added].map((tag) => [tag.Key, tag])).values()];
}

function policyContext(input: { PolicyArn?: string }): Record<string, string> | undefined {
  return input.PolicyArn ? { 'iam:PolicyARN': input.PolicyArn } : undefined;
}

async function parseTrust(state: IamState, text = '', account: string): Promise<PolicyDocument> {
  const document = await parsePolicyDocument(text, 'trust', 'MalformedPolicyDocument');
  if (policySize(text) > iamQuotas.trustPolicySize) {
    throw quotaExceeded('ACLSizePerRole', iamQuotas.trustPolicySize);
  }
  // IAM turns a role's ARN into the role's id when it stores the policy: the role must be there.
  const { Statement } = document.value as { Statement: { Principal?: '*' | { AWS?: string | string[] } }[] };
  for (const { Principal } of [Statement].flat()) {
    const arns = typeof Principal === 'object' ? [Principal.AWS ?? []].flat() : [];
    const missing = arns.find((arn) => arn.startsWith(`arn:aws:iam::${account}:role/`) && !exists(state, arn));
    if (missing) {
      throw new AwsError('MalformedPolicyDocument', 400, `Invalid principal in policy: "AWS":"${missing}"`);
    }
  }
  return document;
}

function exists(state: IamState, roleArn: string): boolean {
  try {
    return state.role(roleArn.slice(roleArn.lastIndexOf('/') + 1)).arn === roleArn;
  } catch {
    return false;
  }
}

function inlinePolicy(role: Role, name: string): PolicyDocument {
  const document = role.grants.inline[name];
  if (!document) {
    throw noSuchEntity(`The role policy with name ${name} cannot be found.`);
  }
  return document;
}

function described(role: Role): IamRole {
  return {
    ...{ Path: role.path, RoleName: role.name, RoleId: role.id, Arn: role.arn, CreateDate: role.created },
    ...{ Description: role.description, MaxSessionDuration: role.maxSessionDuration, Tags: role.tags },
    AssumeRolePolicyDocument: encodeURIComponent(role.trust.text),
  };
}

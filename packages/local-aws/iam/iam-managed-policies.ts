import type {
  CreatePolicyCommandInput,
  CreatePolicyCommandOutput,
  CreatePolicyVersionCommandInput,
  CreatePolicyVersionCommandOutput,
  GetPolicyCommandOutput,
  GetPolicyVersionCommandInput,
  GetPolicyVersionCommandOutput,
  ListEntitiesForPolicyCommandOutput,
  ListPoliciesCommandInput,
  ListPoliciesCommandOutput,
  ListPolicyTagsCommandOutput,
  ListPolicyVersionsCommandOutput,
  Policy,
  TagPolicyCommandInput,
  UntagPolicyCommandInput,
} from '@aws-sdk/client-iam';
import { AwsError, notImplemented } from '../aws-error';
import type { Call } from '../call';
import { type Operation, operation } from '../service';
import { supportedMembers } from '../supported-members';
import { mergedTags } from './iam-roles';
import type { IamState, ManagedPolicy, PolicyVersion } from './iam-state';
import { parsePolicyDocument } from './policy-document';

interface PolicyInput {
  PolicyArn: string | undefined;
}

/** IAM's operations on managed policies and their versions. */
export function managedPolicyOperations(state: IamState): Record<string, Operation> {
  const onPolicy = <Input extends PolicyInput, Output>(
    members: string,
    run: (policy: ManagedPolicy, input: Input) => Omit<Output, '$metadata'> | Promise<Omit<Output, '$metadata'>>,
  ) =>
    operation<Input, Output>({
      authorize: ({ PolicyArn = '' }, { operation: name }: Call) => [{ action: `iam:${name}`, resource: PolicyArn }],
      run: (input, call) => {
        supportedMembers(call, input, `PolicyArn ${members}`);
        return run(state.policy(input.PolicyArn ?? ''), input);
      },
    });
  const described = (policy: ManagedPolicy): Policy => ({
    ...{ PolicyName: policy.name, PolicyId: policy.id, Arn: policy.arn, Path: policy.path, Tags: policy.tags },
    ...{ DefaultVersionId: policy.defaultVersion, CreateDate: policy.created, UpdateDate: policy.updated },
    ...{ Description: policy.description, IsAttachable: true, PermissionsBoundaryUsageCount: 0 },
    AttachmentCount: state.rolesWith(policy.arn).length,
  });

  return {
    CreatePolicy: operation<CreatePolicyCommandInput, CreatePolicyCommandOutput>({
      authorize: ({ Path = '/', PolicyName }, { account }) => [
        { action: 'iam:CreatePolicy', resource: `arn:aws:iam::${account}:policy${Path}${PolicyName}` },
      ],
      run: async (input, call) => {
        supportedMembers(call, input, 'PolicyName Path PolicyDocument Description Tags');
        const { PolicyName: name = '', Path = '/', Description, Tags = [] } = input;
        if (!/^[\w+=,.@-]{1,128}$/.test(name)) {
          throw new AwsError('ValidationError', 400, `The specified value for policyName is invalid: ${name}`);
        }
        const document = await parsePolicyDocument(input.PolicyDocument ?? '', 'identity', 'MalformedPolicyDocument');
        return { Policy: described(state.createPolicy(Path, name, document, Description, mergedTags([], Tags))) };
      },
    }),
    ListPolicies: operation<ListPoliciesCommandInput, ListPoliciesCommandOutput>({
      authorize: () => [{ action: 'iam:ListPolicies', resource: '*' }],
      run: (input, call) => {
        supportedMembers(call, input, 'Scope PathPrefix MaxItems Marker');
        if (input.Scope !== 'Local') throw notImplemented(`iam ListPolicies: the scope ${input.Scope ?? 'All'}`);
        const { PathPrefix = '/' } = input;
        return {
          Policies: state
            .ownPolicies()
            .filter(({ path }) => path.startsWith(PathPrefix))
            .map(described),
        };
      },
    }),
    GetPolicy: onPolicy<PolicyInput, GetPolicyCommandOutput>('', (policy) => ({ Policy: described(policy) })),
    DeletePolicy: onPolicy('', (policy) => {
      state.deletePolicy(policy);
      return {};
    }),
    CreatePolicyVersion: onPolicy<CreatePolicyVersionCommandInput, CreatePolicyVersionCommandOutput>(
      'PolicyDocument SetAsDefault',
      async (policy, { PolicyDocument = '', SetAsDefault = false }) => {
        const document = await parsePolicyDocument(PolicyDocument, 'identity', 'MalformedPolicyDocument');
        return { PolicyVersion: shown(policy, state.addPolicyVersion(policy, document, SetAsDefault)) };
      },
    ),
    GetPolicyVersion: onPolicy<GetPolicyVersionCommandInput, GetPolicyVersionCommandOutput>(
      'VersionId',
      (policy, { VersionId = '' }) => {
        const version = state.policyVersion(policy, VersionId);
        return { PolicyVersion: { ...shown(policy, version), Document: encodeURIComponent(version.document.text) } };
      },
    ),
    ListPolicyVersions: onPolicy<PolicyInput, ListPolicyVersionsCommandOutput>('MaxItems', (policy) => ({
      Versions: policy.versions.map((version) => shown(policy, version)),
    })),
    SetDefaultPolicyVersion: onPolicy<GetPolicyVersionCommandInput, object>('VersionId', (policy, input) => {
      state.setDefaultVersion(policy, input.VersionId ?? '');
      return {};
    }),
    DeletePolicyVersion: onPolicy<GetPolicyVersionCommandInput, object>('VersionId', (policy, { VersionId = '' }) => {
      const { id } = state.policyVersion(policy, VersionId);
      if (id === policy.defaultVersion) {
        throw new AwsError('DeleteConflict', 409, 'Cannot delete the default version of a policy.');
      }
      policy.versions = policy.versions.filter((version) => version.id !== id);
      return {};
    }),
    ListEntitiesForPolicy: onPolicy<PolicyInput, ListEntitiesForPolicyCommandOutput>('MaxItems', ({ arn }) => ({
      ...{ PolicyGroups: [], PolicyUsers: [] },
      PolicyRoles: state.rolesWith(arn).map(({ name, id }) => ({ RoleName: name, RoleId: id })),
    })),
    TagPolicy: onPolicy<TagPolicyCommandInput, object>('Tags', (policy, { Tags = [] }) => {
      policy.tags = mergedTags(policy.tags, Tags);
      return {};
    }),
    UntagPolicy: onPolicy<UntagPolicyCommandInput, object>('TagKeys', (policy, { TagKeys = [] }) => {
      policy.tags = policy.tags.filter(({ Key = '' }) => !TagKeys.includes(Key));
      return {};
    }),
    ListPolicyTags: onPolicy<PolicyInput, ListPolicyTagsCommandOutput>('MaxItems', ({ tags }) => ({
      Tags: tags,
    })),
  };
}

function shown(policy: ManagedPolicy, { id, created }: PolicyVersion) {
  return { VersionId: id, IsDefaultVersion: id === policy.defaultVersion, CreateDate: created };
}

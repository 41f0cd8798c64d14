import { randomBytes } from 'node:crypto';
import { AwsError } from '../aws-error';
import type { RoleDirectory } from '../sts/sts';
import { Timeline } from '../timeline';
import type { PolicySource } from './authorizer';
import { awsManagedPolicies } from './aws-managed-policies';
import { type PolicyDocument, policySize } from './policy-document';

export interface Tag {
  readonly Key: string | undefined;
  readonly Value: string | undefined;
}

/** What a role may do; replaced as a whole at every change, so that what stood before stays readable. */
interface Grants {
  readonly inline: Readonly<Record<string, PolicyDocument>>;
  /** ARNs of managed policies. */
  readonly attached: readonly string[];
}

export interface Role {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly arn: string;
  readonly created: Date;
  trust: PolicyDocument;
  description?: string;
  maxSessionDuration: number;
  tags: Tag[];
  grants: Grants;
  readonly grantsOverTime: Timeline<Grants>;
}

export interface PolicyVersion {
  readonly id: string;
  readonly created: Date;
  readonly document: PolicyDocument;
}

export interface ManagedPolicy {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly arn: string;
  readonly created: Date;
  readonly description?: string;
  updated: Date;
  tags: Tag[];
  versions: PolicyVersion[];
  defaultVersion: string;
  lastVersion: number;
}

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export const iamQuotas = {
  attachedPolicies: 10,
  policyVersions: 5,
  managedPolicySize: 6_144,
  inlinePolicySize: 10_240,
  trustPolicySize: 2_048,
};

const noGrants: Grants = { inline: {}, attached: [] };

/**
 * Roles and policies. What IAM's API shows changes at once; what it *enforces* follows after the delay, deletions
 * included, as IAM is eventually consistent. That a role exists, and its trust policy, count at once.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
 */
export class IamState implements PolicySource, RoleDirectory {
  private readonly roles = new Map<string, Role>();
  private readonly deletedRoles = new Map<string, Role>();
  private readonly policies = new Map<string, ManagedPolicy>();
  /** By ARN and beyond deletion: the default version's document. */
  private readonly documents = new Map<string, Timeline<PolicyDocument | undefined>>();

  constructor(
    private readonly account: string,
    readonly now: () => Date,
    private delayMs = 0,
  ) {
    for (const [name, Action] of Object.entries(awsManagedPolicies)) {
      const value = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] };
      this.storePolicy('aws', `/${name}`, { value, text: JSON.stringify(value) }, new Date(0));
    }
  }

  setDelay(ms: number): void {
    this.delayMs = ms;
  }

  policiesInForce(roleName: string): readonly object[] {
    const time = new Date(this.now().getTime() - this.delayMs);
    const role = this.roles.get(roleName) ?? this.deletedRoles.get(roleName);
    const { inline, attached } = role?.grantsOverTime.at(time) ?? noGrants;
    const managed = attached
      .map((arn) => this.documents.get(arn)?.at(time))
      .filter((document) => document !== undefined);
    return [...Object.values(inline), ...managed].map(({ value }) => value);
  }

  trustPolicy(roleName: string): object {
    return this.role(roleName).trust.value;
  }

  /** Of a role that is gone as well: its sessions live on. */
  identity(name: string): { id: string; arn: string } {
    const { id, arn } = this.roles.get(name) ?? this.deletedRoles.get(name) ?? { id: '', arn: this.roleArn(name) };
    return { id, arn };
  }

  role(name: string): Role {
    const role = this.roles.get(name);
    if (!role) {
      throw noSuchEntity(`The role with name ${name} cannot be found.`);
    }
    return role;
  }

  /** ARN of a role, of one that does not exist as well: IAM judges a request before it looks. */
  roleArn(name: string): string {
    return this.roles.get(name)?.arn ?? `arn:aws:iam::${this.account}:role/${name}`;
  }

  createRole(role: Pick<Role, 'name' | 'path' | 'trust' | 'description' | 'maxSessionDuration' | 'tags'>): Role {
    if (this.roles.has(role.name)) {
      throw new AwsError('EntityAlreadyExists', 409, `Role with name ${role.name} already exists.`);
    }
    const arn = `arn:aws:iam::${this.account}:role${role.path}${role.name}`;
    const grantsOverTime = new Timeline<Grants>();
    const created = { ...role, arn, id: newId('AROA'), created: this.now(), grants: noGrants, grantsOverTime };
    this.roles.set(role.name, created);
    return created;
  }

  deleteRole(name: string): void {
    const { grants } = this.role(name);
    if (Object.keys(grants.inline).length + grants.attached.length > 0) {
      const first = grants.attached.length > 0 ? 'detach all policies' : 'delete policies';
      throw new AwsError('DeleteConflict', 409, `Cannot delete entity, must ${first} first.`);
    }
    this.deletedRoles.set(name, this.role(name));
    this.roles.delete(name);
  }

  setInlinePolicy(role: Role, name: string, document: PolicyDocument | undefined): void {
    const { [name]: _, ...others } = role.grants.inline;
    const inline = document ? { ...others, [name]: document } : others;
    const size = Object.values(inline).reduce((sum, { text }) => sum + policySize(text), 0);
    if (size > iamQuotas.inlinePolicySize) {
      const message = `Maximum policy size of ${iamQuotas.inlinePolicySize} bytes exceeded for role ${role.name}`;
      throw new AwsError('LimitExceeded', 409, message);
    }
    this.setGrants(role, { ...role.grants, inline });
  }

  setAttached(role: Role, attached: readonly string[]): void {
    if (attached.length > iamQuotas.attachedPolicies) {
      throw quotaExceeded('PoliciesPerRole', iamQuotas.attachedPolicies);
    }
    this.setGrants(role, { ...role.grants, attached });
  }

  policy(arn: string): ManagedPolicy {
    const policy = this.policies.get(arn);
    if (!policy) {
      throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
    }
    return policy;
  }

  /** Those of the account, by ARN; not AWS's own. */
  ownPolicies(): ManagedPolicy[] {
    const own = [...this.policies.values()].filter(({ arn }) => arn.startsWith(`arn:aws:iam::${this.account}:`));
    return own.sort((a, b) => (a.arn < b.arn ? -1 : 1));
  }

  createPolicy(path: string, name: string, document: PolicyDocument, description?: string, tags: Tag[] = []) {
    // Whatever their paths, and in whatever case: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    if (this.ownPolicies().some((policy) => policy.name.toLowerCase() === name.toLowerCase())) {
      throw new AwsError(
        'EntityAlreadyExists',
        409,
        `A policy called ${name} already exists. Duplicate names are not allowed.`,
      );
    }
    return this.storePolicy(this.account, path + name, document, this.now(), description, tags);
  }

  addPolicyVersion(policy: ManagedPolicy, document: PolicyDocument, isDefault: boolean): PolicyVersion {
    if (policy.versions.length >= iamQuotas.policyVersions) {
      const message = `A managed policy can have up to ${iamQuotas.policyVersions} versions. Before you create a new version, you must delete an existing version.`;
      throw new AwsError('LimitExceeded', 409, message);
    }
    requirePolicySize(document);
    policy.lastVersion += 1;
    const version = { id: `v${policy.lastVersion}`, created: this.now(), document };
    policy.versions.unshift(version);
    if (isDefault) {
      this.setDefaultVersion(policy, version.id);
    }
    return version;
  }

  policyVersion(policy: ManagedPolicy, id: string): PolicyVersion {
    const version = policy.versions.find((candidate) => candidate.id === id);
    if (!version) {
      throw noSuchEntity(`Policy ${policy.arn} version ${id} does not exist or is not attachable.`);
    }
    return version;
  }

  setDefaultVersion(policy: ManagedPolicy, id: string): void {
    const { document } = this.policyVersion(policy, id);
    policy.defaultVersion = id;
    policy.updated = this.now();
    this.documents.get(policy.arn)?.set(document, policy.updated);
  }

  deletePolicy(policy: ManagedPolicy): void {
    if (this.rolesWith(policy.arn).length > 0) {
      throw new AwsError('DeleteConflict', 409, 'Cannot delete a policy attached to entities.');
    }
    if (policy.versions.length > 1) {
      const message =
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.";
      throw new AwsError('DeleteConflict', 409, message);
    }
    this.policies.delete(policy.arn);
    this.documents.get(policy.arn)?.set(undefined, this.now());
  }

  rolesWith(policyArn: string): Role[] {
    return [...this.roles.values()].filter(({ grants }) => grants.attached.includes(policyArn));
  }

  private setGrants(role: Role, grants: Grants): void {
    role.grants = grants;
    role.grantsOverTime.set(grants, this.now());
  }

  private storePolicy(
    owner: string,
    pathAndName: string,
    document: PolicyDocument,
    created: Date,
    description?: string,
    tags: Tag[] = [],
  ): ManagedPolicy {
    requirePolicySize(document);
    const cut = pathAndName.lastIndexOf('/') + 1;
    const arn = `arn:aws:iam::${owner}:policy${pathAndName}`;
    const policy: ManagedPolicy = {
      ...{ arn, id: newId('ANPA'), path: pathAndName.slice(0, cut), name: pathAndName.slice(cut) },
      ...{ created, updated: created, description, tags },
      ...{ versions: [{ id: 'v1', created, document }], defaultVersion: 'v1', lastVersion: 1 },
    };
    const documents = this.documents.get(arn) ?? new Timeline();
    documents.set(document, created);
    this.documents.set(arn, documents);
    this.policies.set(arn, policy);
    return policy;
  }
}

export function noSuchEntity(message: string): AwsError {
  return new AwsError('NoSuchEntity', 404, message);
}

export function quotaExceeded(quota: string, limit: number): AwsError {
  return new AwsError('LimitExceeded', 409, `Cannot exceed quota for ${quota}: ${limit}`);
}

function requirePolicySize({ text }: PolicyDocument): void {
  if (policySize(text) > iamQuotas.managedPolicySize) {
    throw quotaExceeded('PolicySize', iamQuotas.managedPolicySize);
  }
}

function newId(prefix: string): string {
  return prefix + randomBytes(8).toString('hex').toUpperCase();
}

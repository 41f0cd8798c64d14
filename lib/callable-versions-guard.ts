import { ArnFormat, Stack } from 'aws-cdk-lib';
import { type CfnManagedPolicy, CfnRole, Effect, ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct, IConstruct } from 'constructs';
import type { IPromptAlias } from './i-prompt-alias';
import { appMemory } from './private/app-memory';
import { type CallerAccess, guardrailDenials } from './private/caller-policy';
import { refuseCustomizedRoles } from './private/changeable-role';
import { constructError } from './private/construct-error';
import { hasRoom } from './private/policy-room';
import { warnOfSharedModels } from './private/shared-models';
import { PromptAlias } from './prompt-alias';

/** Settings of a `CallableVersionsGuard`. */
export interface CallableVersionsGuardProps {
  /** The aliases whose callable versions stay usable: at least one, all of this stack. */
  readonly aliases: IPromptAlias[];

  /** Name of the policy, for roles that other apps define. @default - a name that CloudFormation makes */
  readonly managedPolicyName?: string;
}

/** A managed policy holds 6,144 characters, and the longest ARN of a version with its quotes takes 81. */
const MOST_VERSIONS = 65;

const guards = appMemory('guards', (): CallableVersionsGuard[] => []);

/**
 * Defines a managed policy that takes away what a role must not have, whatever else allows it: every prompt version but
 * the callable ones of these aliases, every draft, and changes to prompts. Of an alias with a guardrail it also takes away
 * calls of its models without that guardrail. It allows nothing by itself.
 *
 * For roles that hold broad rights, such as `bedrock:*`: attach it with `role.addManagedPolicy(guard)`. One per role,
 * since a second would take away the versions that the first leaves; list all aliases in one. What it cannot see is a
 * text that the role sends to a model without any prompt.
 *
 * @example
 * analyst.addManagedPolicy(new CallableVersionsGuard(this, 'Guard', { aliases: [prod] }));
 */
export class CallableVersionsGuard extends ManagedPolicy {
  constructor(scope: Construct, id: string, props: CallableVersionsGuardProps) {
    super(scope, id, {
      managedPolicyName: props.managedPolicyName,
      description: 'No prompt version but the callable ones, and no change to prompts',
    });
    refuseCustomizedRoles(this);
    const aliases = this.ownAliases(props.aliases);
    const accesses = aliases.map((alias) => alias._access());
    const callable = accesses.flatMap(({ slots }) => slots.map(({ version }) => version));
    if (callable.length < 1 || callable.length > MOST_VERSIONS) {
      throw constructError(
        this,
        'InvalidGuard',
        `expected aliases with 1 to ${MOST_VERSIONS} callable versions (a managed policy holds 6,144 characters), found ${callable.length}: ${callable.length === 0 ? 'list the aliases that the role may use' : 'lower callableVersions, or split the role in two'}`,
      );
    }
    this.addStatements(...this.statements(accesses), ...guardrailDenials(accesses));
    if (!hasRoom(accesses, (longest) => [...this.statements(longest), ...guardrailDenials(longest)])) {
      throw constructError(
        this,
        'InvalidGuard',
        `expected aliases that fit into the 6,144 characters of a managed policy, found ${callable.length} callable versions, some with a guardrail, for which the models stand in the policy as well: lower callableVersions, or split the role in two`,
      );
    }
    warnOfSharedModels(this, aliases);
    for (const { releaseAfter } of accesses) {
      releaseAfter(this);
    }
    this.watch();
  }

  private statements(accesses: readonly CallerAccess[]): PolicyStatement[] {
    const prompts = Stack.of(this).formatArn({
      service: 'bedrock',
      region: '*',
      account: '*',
      resource: 'prompt',
      resourceName: '*',
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
    return [
      new PolicyStatement({
        sid: 'NothingButTheCallableVersions',
        effect: Effect.DENY,
        actions: ['bedrock:GetPrompt', 'bedrock:RenderPrompt'],
        notResources: accesses.flatMap(({ slots }) => slots.map(({ version }) => version)),
      }),
      new PolicyStatement({
        sid: 'NoChangeToPrompts',
        effect: Effect.DENY,
        actions: ['bedrock:CreatePromptVersion', 'bedrock:UpdatePrompt', 'bedrock:DeletePrompt'],
        resources: [prompts],
      }),
      // CreatePrompt names no resource: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
      new PolicyStatement({
        sid: 'NoNewPrompts',
        effect: Effect.DENY,
        actions: ['bedrock:CreatePrompt'],
        resources: ['*'],
      }),
    ];
  }

  private ownAliases(aliases: IPromptAlias[]): PromptAlias[] {
    return aliases.map((alias) => {
      if (alias instanceof PromptAlias && Stack.of(alias) === Stack.of(this)) {
        return alias;
      }
      // The ARNs change with every release, and CloudFormation refuses to change an export that is in use.
      throw constructError(
        this,
        'AliasInOtherStack',
        `expected aliases that are defined in ${Stack.of(this).node.path}, found ${alias.node.path}: define the guard in the stack of the aliases, and attach it to roles of other stacks`,
      );
    });
  }

  private watch(): void {
    const { root } = this.node;
    const all = guards(root);
    all.push(this);
    if (all.length === 1) {
      this.node.addValidation({ validate: () => rolesWithSeveral(root, all) });
    }
  }
}

function rolesWithSeveral(root: IConstruct, all: readonly CallableVersionsGuard[]): string[] {
  if (all.length < 2) {
    return [];
  }
  const found = new Map<string, Set<string>>();
  for (const [role, { node }] of rolesWithGuard(root, all)) {
    found.set(role, (found.get(role) ?? new Set()).add(node.path));
  }
  return [...found].flatMap(([role, paths]) =>
    paths.size < 2
      ? []
      : [
          `expected one CallableVersionsGuard on the role ${role}, found ${[...paths].join(' and ')}: each takes away what the other leaves, so list all aliases in one`,
        ],
  );
}

/** Each role that names a guard, and each that a guard names. */
function* rolesWithGuard(
  root: IConstruct,
  all: readonly CallableVersionsGuard[],
): Generator<[string, CallableVersionsGuard]> {
  const resources = new Map(all.map((guard) => [guard, guard.node.defaultChild as CfnManagedPolicy]));
  for (const role of root.node.findAll().filter((construct) => construct instanceof CfnRole)) {
    const stack = Stack.of(role);
    const attached = JSON.stringify(stack.resolve(role.managedPolicyArns) ?? []);
    for (const [guard, resource] of resources) {
      // By id rather than by value: seen from another stack it is an import, whose name holds the id.
      if (attached.includes(String(stack.resolve(resource.logicalId)))) yield [stack.resolve(role.logicalId), guard];
    }
  }
  for (const [guard, resource] of resources) {
    for (const role of Stack.of(guard).resolve(resource.roles) ?? []) {
      yield [typeof role === 'string' ? role : String(role.Ref ?? JSON.stringify(role)), guard];
    }
  }
}

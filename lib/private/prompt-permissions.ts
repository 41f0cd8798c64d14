import { Aws, Lazy, Stack } from 'aws-cdk-lib';
import { CfnManagedPolicy, CfnPolicy, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { aws_kms } from 'aws-cdk-lib/interfaces';
import { Construct } from 'constructs';
import type { IPromptRegistry } from '../prompt-registry';
import { freezeLogicalId } from './frozen-logical-id';
import { rememberPrompt } from './prompts-of-registry';
import { watchStackLimits } from './stack-limits';

/**
 * A role holds 10,240 characters of inline policy and a managed policy 6,144. Of the publisher's, a prompt takes two
 * ARNs, a third where it has free JSON, and two more in the condition on its key.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const INLINE_ROOM = 8_700;
const MANAGED_ROOM = 5_400;
const PROMPT_SIZE = 144;
const KEY_SIZE = 300;

interface ManagedPrompt {
  readonly promptArn: string;
  readonly encryptionKey?: aws_kms.IKeyRef;
  /** Whether versions are made of its draft here. */
  readonly published: boolean;
  /** Whether it was given free JSON, which makes one more ARN likely. */
  readonly freeJson?: boolean;
  /** Whether numbers or booleans in its draft may have to be set right. Asked once the app is complete. */
  readonly typesToSetRight?: () => boolean;
}

/**
 * What the registry's roles may do to the prompts of one stack: exact ARNs, no wildcard over prompts.
 *
 * It lives in the prompts' stack, so that a registry in another stack never refers back to the prompts.
 */
export class PromptPermissions extends Construct {
  public static of(scope: Construct, registry: IPromptRegistry): PromptPermissions {
    const stack = Stack.of(scope);
    const id = `PromptPermissions${registry.parameterPrefix.replaceAll('/', '.')}`;
    return (stack.node.tryFindChild(id) as PromptPermissions) ?? new PromptPermissions(stack, id, registry);
  }

  private readonly parts: ManagedPrompt[][] = [];
  private readsAlarms = false;
  private readonly groups: Record<PermittedRole, Construct>;

  private constructor(
    scope: Stack,
    id: string,
    private readonly registry: IPromptRegistry,
  ) {
    super(scope, id);
    this.groups = { Publisher: new Construct(this, 'Publisher'), Releaser: new Construct(this, 'Releaser') };
    watchStackLimits(scope, registry);
    this.addPart();
    this.node.addValidation({ validate: () => this.tooManyPrompts() });
  }

  public add(prompt: ManagedPrompt): void {
    rememberPrompt(this.registry, { ...prompt, stack: Stack.of(this) });
    const part = this.parts.at(-1) ?? [];
    if (!this.inline && part.length > 0 && sizeOf([...part, prompt]) > MANAGED_ROOM) {
      this.addPart();
    }
    this.parts.at(-1)?.push(prompt);
  }

  /** A rollout of a prompt is guarded by alarms, which its start asks for. */
  public readAlarms(): void {
    this.readsAlarms = true;
  }

  /** What makes the role's rights over all these prompts. */
  public of(role: PermittedRole): Construct {
    return this.groups[role];
  }

  /**
   * Inline in the registry's own stack. The inline policies of a role are limited together, whichever stack they come
   * from, so the prompts of other stacks come in managed policies: up to 10 on a role.
   */
  private get inline(): boolean {
    return this.registry.handlersReady !== undefined && Stack.of(this.registry) === Stack.of(this);
  }

  private addPart(): void {
    const prompts: ManagedPrompt[] = [];
    const isFirst = this.parts.push(prompts) === 1;
    this.policy('Publisher', this.registry.publisherRoleName, () => [
      ...publisherStatements(prompts),
      ...keyStatements(prompts, ['kms:Decrypt', 'kms:GenerateDataKey']),
    ]);
    this.policy('Releaser', this.registry.releaserRoleName, () => [
      ...releaserStatements(prompts),
      ...keyStatements(prompts, ['kms:Decrypt']),
      ...(isFirst && this.readsAlarms ? [ALARM_STATEMENT] : []),
    ]);
  }

  private policy(role: PermittedRole, roleName: string, statements: () => PolicyStatement[]): void {
    const part = this.parts.length;
    const roles = [roleName];
    const policyDocument = Lazy.any({
      produce: () => new PolicyDocument({ statements: statements(), minimize: false }),
    });
    const policy = this.inline
      ? // One role, several stacks: the name must differ between them, or the stacks would overwrite each other.
        new CfnPolicy(this.groups[role], 'Policy', { policyName: Aws.STACK_NAME, roles, policyDocument })
      : new CfnManagedPolicy(this.groups[role], `Policy${part}`, { roles, policyDocument });
    freezeLogicalId(policy, this.registry, this.inline ? `${role}Prompts` : `${role}PromptsPart${part}Policy`);
    if (this.registry.handlersReady) {
      policy.node.addDependency(this.registry.handlersReady);
    }
  }

  private tooManyPrompts(): string[] {
    const prompts = this.parts.flat();
    const fitting = prompts.findIndex((_, index) => sizeOf(prompts.slice(0, index + 1)) > INLINE_ROOM);
    return !this.inline || fitting < 0
      ? []
      : [
          `expected at most ${fitting} such prompts in the stack of the registry ${this.registry.parameterPrefix} (a role holds 10,240 characters of inline policy), found ${prompts.length}: move the others to a stack of their own, which joins the registry with PromptRegistry.fromAttributes() or, in the same app, by the registry itself`,
        ];
  }
}

type PermittedRole = 'Publisher' | 'Releaser';

/**
 * Composite alarms are described to who may describe all.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
 */
const ALARM_STATEMENT = new PolicyStatement({ actions: ['cloudwatch:DescribeAlarms'], resources: ['*'] });

function sizeOf(prompts: readonly ManagedPrompt[]): number {
  const encrypted = prompts.filter(({ encryptionKey }) => encryptionKey);
  const keys = new Set(encrypted.map(({ encryptionKey }) => encryptionKey?.keyRef.keyArn));
  const typed = prompts.filter(({ freeJson }) => freeJson).length;
  return (prompts.length + encrypted.length + typed / 2) * PROMPT_SIZE + keys.size * KEY_SIZE;
}

function publisherStatements(prompts: readonly ManagedPrompt[]): PolicyStatement[] {
  // An adopted prompt whose draft is not published: nothing to publish, and nothing that could be deleted by mistake.
  const drafts = prompts.filter(({ published }) => published).map((prompt) => prompt.promptArn);
  const versions = drafts.map((arn) => `${arn}:*`);
  const typed = prompts.filter(({ typesToSetRight }) => typesToSetRight?.()).map((prompt) => prompt.promptArn);
  const publishing = [
    new PolicyStatement({
      actions: ['bedrock:ListPrompts', 'bedrock:GetPrompt', 'bedrock:CreatePromptVersion'],
      resources: drafts,
    }),
    // `:*` is versions only: without it DeletePrompt would take the prompt and every version of it.
    new PolicyStatement({ actions: ['bedrock:GetPrompt', 'bedrock:DeletePrompt'], resources: versions }),
  ];
  return [
    ...(drafts.length > 0 ? publishing : []),
    ...(typed.length > 0 ? [new PolicyStatement({ actions: ['bedrock:UpdatePrompt'], resources: typed })] : []),
    new PolicyStatement({
      actions: ['cloudformation:DescribeStacks', 'cloudformation:DescribeStackEvents'],
      resources: [Aws.STACK_ID],
    }),
  ];
}

function releaserStatements(prompts: readonly ManagedPrompt[]): PolicyStatement[] {
  const drafts = prompts.map((prompt) => prompt.promptArn);
  return [
    new PolicyStatement({ actions: ['bedrock:ListPrompts'], resources: drafts }),
    new PolicyStatement({ actions: ['bedrock:GetPrompt'], resources: drafts.map((arn) => `${arn}:*`) }),
    new PolicyStatement({
      actions: ['cloudformation:DescribeStacks', 'cloudformation:DescribeStackEvents'],
      resources: [Aws.STACK_ID],
    }),
  ];
}

/** One statement for each key, which repeats its actions and its ARN for no prompt. */
function keyStatements(prompts: readonly ManagedPrompt[], actions: string[]): PolicyStatement[] {
  const byKey = new Map<string, ManagedPrompt[]>();
  for (const prompt of prompts) {
    const keyArn = prompt.encryptionKey?.keyRef.keyArn;
    if (keyArn !== undefined) byKey.set(keyArn, [...(byKey.get(keyArn) ?? []), prompt]);
  }
  return [...byKey].map(([keyArn, encrypted]) => keyStatement(keyArn, encrypted, actions));
}

/**
 * The use of a key, for these prompts only.
 *
 * https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-management-prereq.html names the prompt's ARN as the
 * encryption context; it does not say whether a version's ends in its number, so both are allowed.
 */
export function keyStatement(
  keyArn: string,
  prompts: readonly { readonly promptArn: string }[],
  actions: string[],
): PolicyStatement {
  return new PolicyStatement({
    actions,
    resources: [keyArn],
    conditions: {
      StringLike: {
        'kms:EncryptionContext:aws:bedrock-prompts:arn': prompts.flatMap(({ promptArn }) => [
          promptArn,
          `${promptArn}:*`,
        ]),
      },
    },
  });
}

/** Makes a custom resource wait until the role behind its handler may do its work. */
export function dependOnPermissions(resource: Construct, registry: IPromptRegistry, role: PermittedRole): void {
  resource.node.addDependency(PromptPermissions.of(resource, registry).of(role));
}

import { Aws, Lazy, Stack } from 'aws-cdk-lib';
import { CfnPolicy, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { aws_kms } from 'aws-cdk-lib/interfaces';
import { Construct } from 'constructs';
import type { IPromptRegistry } from '../prompt-registry';
import { freezeLogicalId } from './frozen-logical-id';

/** Inline policies of one role hold 10,240 characters, and a prompt takes up to 144 of the publisher's. */
const MOST_PROMPTS = 60;

interface ManagedPrompt {
  readonly promptArn: string;
  readonly encryptionKey?: aws_kms.IKeyRef;
  /** Whether versions are made of its draft here. */
  readonly published: boolean;
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

  private readonly prompts: ManagedPrompt[] = [];

  private constructor(
    scope: Stack,
    id: string,
    private readonly registry: IPromptRegistry,
  ) {
    super(scope, id);
    this.policy('Publisher', registry.publisherRoleName, () => [
      ...this.publisherStatements(),
      ...this.common(['kms:Decrypt', 'kms:GenerateDataKey']),
    ]);
    this.policy('Releaser', registry.releaserRoleName, () => [
      ...this.releaserStatements(),
      ...this.common(['kms:Decrypt']),
    ]);
    this.node.addValidation({ validate: () => this.tooManyPrompts() });
  }

  public add(prompt: ManagedPrompt): void {
    this.prompts.push(prompt);
  }

  private policy(role: string, roleName: string, statements: () => PolicyStatement[]): void {
    const policy = new CfnPolicy(this, role, {
      // One role, several stacks: the name must differ between them, or the stacks would overwrite each other.
      policyName: Aws.STACK_NAME,
      roles: [roleName],
      policyDocument: Lazy.any({ produce: () => new PolicyDocument({ statements: statements(), minimize: false }) }),
    });
    freezeLogicalId(policy, this.registry, `${role}Prompts`);
    if (this.registry.handlersReady) {
      policy.node.addDependency(this.registry.handlersReady);
    }
  }

  private publisherStatements(): PolicyStatement[] {
    // An adopted prompt whose draft is not published: nothing to publish, and nothing that could be deleted by mistake.
    const drafts = this.prompts.filter(({ published }) => published).map((prompt) => prompt.promptArn);
    const versions = drafts.map((arn) => `${arn}:*`);
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
      new PolicyStatement({ actions: ['cloudformation:DescribeStacks'], resources: [Aws.STACK_ID] }),
    ];
  }

  private releaserStatements(): PolicyStatement[] {
    const drafts = this.prompts.map((prompt) => prompt.promptArn);
    return [
      new PolicyStatement({ actions: ['bedrock:ListPrompts'], resources: drafts }),
      new PolicyStatement({ actions: ['bedrock:GetPrompt'], resources: drafts.map((arn) => `${arn}:*`) }),
      new PolicyStatement({
        actions: ['cloudformation:DescribeStacks', 'cloudformation:DescribeStackEvents'],
        resources: [Aws.STACK_ID],
      }),
    ];
  }

  private common(actions: string[]): PolicyStatement[] {
    return this.prompts.flatMap((prompt) => (prompt.encryptionKey ? [keyStatement(prompt, actions)] : []));
  }

  private tooManyPrompts(): string[] {
    return this.prompts.length <= MOST_PROMPTS
      ? []
      : [
          `expected at most ${MOST_PROMPTS} prompts of the registry ${this.registry.parameterPrefix} in one stack (a role holds 10,240 characters of inline policy), found ${this.prompts.length}: split them over several registries`,
        ];
  }
}

/**
 * The use of a prompt's key, for this prompt only.
 *
 * https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-management-prereq.html names the prompt's ARN as the
 * encryption context; it does not say whether a version's ends in its number, so both are allowed.
 */
export function keyStatement(prompt: Omit<ManagedPrompt, 'published'>, actions: string[]): PolicyStatement {
  return new PolicyStatement({
    actions,
    resources: prompt.encryptionKey ? [prompt.encryptionKey.keyRef.keyArn] : [],
    conditions: {
      StringLike: { 'kms:EncryptionContext:aws:bedrock-prompts:arn': [prompt.promptArn, `${prompt.promptArn}:*`] },
    },
  });
}

/** Makes a custom resource wait until the role behind its handler may do its work. */
export function dependOnPermissions(
  resource: Construct,
  registry: IPromptRegistry,
  role: 'Publisher' | 'Releaser',
): void {
  resource.node.addDependency(PromptPermissions.of(resource, registry).node.findChild(role));
}

import { Annotations, CfnResource, type Stack } from 'aws-cdk-lib';
import { CfnPrompt } from 'aws-cdk-lib/aws-bedrock';
import type { IPromptRegistry } from '../prompt-registry';
import { firstTime } from './app-memory';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const MOST_RESOURCES = 500;
const MOST_BYTES = 1_000_000;
const NEAR = 0.8;

/** A resource without its texts, as CDK writes it, with indentation; the largest, the callers' policy, has 4,000. */
const RESOURCE_BYTES = 1_500;

const isNew = firstTime('stackLimits');

/** Says before CloudFormation does that a stack has too many prompts or too much text in them, and what to do. */
export function watchStackLimits(stack: Stack, registry: IPromptRegistry): void {
  if (isNew(stack)) {
    stack.node.addValidation({ validate: () => [...stackProblems(stack, registry)] });
  }
}

function* stackProblems(stack: Stack, { parameterPrefix }: IPromptRegistry): Generator<string> {
  const inStack = stack.node.findAll().filter((construct) => CfnResource.isCfnResource(construct));
  const resources = inStack.filter((resource) => resource.stack === stack);
  const next = `define the next prompts in another stack, which joins the registry ${parameterPrefix} with PromptRegistry.fromAttributes() or, in the same app, by the registry itself`;
  for (const [what, found, most, help] of [
    ['resources', resources.length, MOST_RESOURCES, next],
    [
      'bytes of template',
      bytesOf(stack, resources),
      MOST_BYTES,
      `set suppressTemplateIndentation on the stack, or ${next}`,
    ],
  ] as const) {
    if (found > most) {
      yield `${stack.node.path}: expected at most ${most} ${what}, which is what CloudFormation takes, found ${found}: ${help}`;
    } else if (found > most * NEAR) {
      Annotations.of(stack).addWarningV2(
        `cdk-prompt-registry:stackNearlyFull:${what}`,
        `${found} of the ${most} ${what} that CloudFormation takes: ${help}`,
      );
    }
  }
}

/** Exact only where it may matter: writing the whole template costs as much as the synthesis. */
function bytesOf(stack: Stack, resources: readonly CfnResource[]): number {
  const prompts = resources.filter((resource) => CfnPrompt.isCfnPrompt(resource)).map((prompt) => prompt.variants);
  const estimate = resources.length * RESOURCE_BYTES + Buffer.byteLength(JSON.stringify(stack.resolve(prompts)));
  if (estimate < MOST_BYTES * NEAR * 0.6) {
    return estimate;
  }
  const { _toCloudFormation, _suppressTemplateIndentation } = stack as unknown as StackInternals;
  const template = stack.resolve(_toCloudFormation.call(stack));
  const indentation = _suppressTemplateIndentation ? undefined : 1;
  return Buffer.byteLength(JSON.stringify(template, undefined, indentation));
}

/** What CDK itself writes the template with. */
interface StackInternals {
  _toCloudFormation(): object;
  readonly _suppressTemplateIndentation?: boolean;
}

import { Annotations, CfnElement, CfnResource, type Stack } from 'aws-cdk-lib';
import { CfnPrompt } from 'aws-cdk-lib/aws-bedrock';
import { PolicyDocument } from 'aws-cdk-lib/aws-iam';
import { PROMPT_ALIAS_TYPE } from '../../core/contract/prompt-alias-resource';
import { RELEASE_PLAN_TYPE } from '../../core/contract/release-plan-resource';
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
  const contents = Buffer.byteLength(JSON.stringify(stack.resolve(prompts), undefined, indentationOf(stack)));
  // A version declares its content once more where it holds tokens.
  const estimate = resources.length * RESOURCE_BYTES + contents * 2;
  if (estimate < MOST_BYTES * NEAR * 0.6) return estimate;
  const closer = bytesBySample(stack);
  if (closer < MOST_BYTES * NEAR * SAMPLE_TRUST) return closer;
  return bytes(stack, stack as unknown as StackInternals);
}

/** What each alias has. A version may hold a whole content, and is no such thing. */
const ALIKE: readonly string[] = [
  RELEASE_PLAN_TYPE,
  PROMPT_ALIAS_TYPE,
  'AWS::IAM::ManagedPolicy',
  'AWS::SSM::Parameter',
];
const SAMPLE = 8;

/** How near to the warning a sample is believed: one that is wrong by more costs a warning, but never a refusal. */
const SAMPLE_TRUST = 0.97;

/** As the template will be written, but of resources that are alike the largest of some stands for all. */
function bytesBySample(stack: Stack): number {
  const kinds = new Map<string, CfnElement[]>();
  for (const element of stack.node.findAll()) {
    if (!CfnElement.isCfnElement(element) || element.stack !== stack) continue;
    const kind = kindOf(element);
    const known = kinds.get(kind);
    if (known) known.push(element);
    else kinds.set(kind, [element]);
  }
  return [...kinds.values()].reduce((sum, elements) => {
    const step = Math.ceil(elements.length / SAMPLE);
    const sample = elements.filter((_, index) => index % step === 0);
    return sum + Math.max(...sample.map((element) => bytes(stack, element as unknown as Rendered))) * elements.length;
  }, 0);
}

/** Alike are those of aliases of one name, `PROD/CallerPolicy/Resource`, with as many callable versions; all else is itself. */
function kindOf(element: CfnElement): string {
  const { scopes, path } = element.node;
  const type = CfnResource.isCfnResource(element) ? element.cfnResourceType : '';
  if (!ALIKE.includes(type)) return path;
  const { policyDocument } = element as { readonly policyDocument?: unknown };
  const statements = policyDocument instanceof PolicyDocument ? policyDocument.statementCount : 0;
  return JSON.stringify([type, statements, ...scopes.slice(-3).map(({ node }) => node.id)]);
}

function bytes(stack: Stack, element: Rendered): number {
  return Buffer.byteLength(JSON.stringify(stack.resolve(element._toCloudFormation()), undefined, indentationOf(stack)));
}

function indentationOf(stack: Stack): number | undefined {
  return (stack as unknown as StackInternals)._suppressTemplateIndentation ? undefined : 1;
}

/** What CDK itself writes stacks and their elements with. */
interface Rendered {
  _toCloudFormation(): object;
}

interface StackInternals extends Rendered {
  readonly _suppressTemplateIndentation?: boolean;
}

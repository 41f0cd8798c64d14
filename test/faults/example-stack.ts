import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { App, CfnParameter, DefaultStackSynthesizer, Duration, Stack, Tags } from 'aws-cdk-lib';
import { CfnRole } from 'aws-cdk-lib/aws-iam';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnParameter as SsmParameter } from 'aws-cdk-lib/aws-ssm';
import { AliasTarget, Gate, Prompt, PromptRegistry, PromptVariant } from '../../lib';
import { HANDLER_NAMES, type HandlerName } from './handler-bundles';

export const PREFIX = '/prompts/faults';
export const PROMPT = 'advisor';
export const STACK = 'Prompts-faults';
export const ASSETS = 'assets-of-the-faults';
export const MODEL = 'amazon.nova-pro-v1:0';

/** What the app says; what moves by stack parameters is not in here. */
export interface ExampleApp {
  /** Number of the prompt's text. */
  readonly content: number;
  /** Whether there is a third alias, CANARY, that follows the content. */
  readonly canary: boolean;
  /** Whether PROD has a gate. @default false */
  readonly isGated?: boolean;
}

/** Roles by the groups in which they sign. */
export const REVIEWERS = { authors: 'Author', risk: 'Risk' } as const;

export type Template = {
  Parameters: Record<string, { Default?: string }>;
  Resources: Record<string, { Type: string; Properties?: Record<string, unknown>; DependsOn?: string | string[] }>;
};

export const textOf = (content: number) => `Advice number ${content} on {{ticker}}`;

/** Logical ids, none of which depends on an alias's construct path. */
export const SIBLING = 'Sibling';
export const LAST = 'LastSibling';

const cache = new Map<string, Template>();

/**
 * The stack under test: one registry, one prompt with STAGING that follows and PROD by parameter, and two resources beside
 * them: one that depends on nothing, one that comes after all aliases. Stack parameters change the siblings, the tags and
 * the handlers.
 */
export function synthesizeExample(app: ExampleApp, account: string, region: string): Template {
  const key = JSON.stringify([app, account, region]);
  const found = cache.get(key) ?? synthesize(app, account, region);
  cache.set(key, found);
  return structuredClone(found);
}

function synthesize({ content, canary, isGated }: ExampleApp, account: string, region: string): Template {
  const folder = mkdtempSync(join(tmpdir(), 'faults-'));
  try {
    const app = new App({ outdir: folder, analyticsReporting: false });
    const synthesizer = new DefaultStackSynthesizer({
      fileAssetsBucketName: ASSETS,
      generateBootstrapVersionRule: false,
    });
    const stack = new Stack(app, STACK, { synthesizer, env: { account, region } });
    const registry = new PromptRegistry(stack, 'Registry', {
      parameterPrefix: PREFIX,
      policyPropagation: Duration.seconds(0),
      ...(isGated && {
        reviewers: Object.fromEntries(
          Object.entries(REVIEWERS).map(([group, role]) => [group, [`arn:aws:iam::${account}:role/${role}`]]),
        ),
        gates: { PROD: [Gate.approval({ askedBy: 'authors', by: 'risk' })] },
      }),
    });
    const variant = PromptVariant.text({ text: textOf(content), model: MODEL, inference: { temperature: 0.2 } });
    const prompt = new Prompt(stack, 'Advisor', { registry, promptName: PROMPT, variant, versionNote: 'faults' });
    const aliases = [
      prompt.addAlias('STAGING'),
      prompt.addAlias('PROD', { target: AliasTarget.parameter() }),
      ...(canary ? [prompt.addAlias('CANARY')] : []),
    ];
    const sibling = (id: string) => {
      const value = new CfnParameter(stack, `${id}Value`, { default: 'a' }).valueAsString;
      const resource = new SsmParameter(stack, `${id}Resource`, { type: 'String', name: `/beside/${id}`, value });
      resource.overrideLogicalId(id);
      return resource;
    };
    sibling(SIBLING);
    sibling(LAST).node.addDependency(...aliases);
    const owner = new CfnParameter(stack, 'Owner', { default: 'a' }).valueAsString;
    const memory = new CfnParameter(stack, 'Memory', { default: 512, type: 'Number' }).valueAsNumber;
    Tags.of(stack).add('owner', owner, { excludeResourceTypes: ['AWS::IAM::Role', 'AWS::Lambda::Function'] });
    for (const node of stack.node.findAll()) {
      if (node instanceof CfnRole) node.description = owner;
      if (node instanceof CfnFunction) node.memorySize = memory;
    }
    app.synth();
    return JSON.parse(readFileSync(join(folder, `${STACK}.template.json`), 'utf8')) as Template;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Lets a process pause a tenth as long: the same tries in the same order, in less time. */
export const SHORT_WAITS = resolve(__dirname, '../e2e/short-waits.cjs');

/** Loads files into the functions' processes before their code. */
export function withPreloaded(template: Template, ...files: readonly string[]): void {
  const NODE_OPTIONS = files.map((file) => `--require ${file}`).join(' ');
  for (const { Type, Properties = {} } of Object.values(template.Resources)) {
    if (Type !== 'AWS::Lambda::Function') continue;
    const { Variables } = (Properties.Environment ?? {}) as { Variables?: object };
    Properties.Environment = { Variables: { ...Variables, NODE_OPTIONS } };
  }
}

/** Puts other code under the functions: the asset is whatever was built last, the code under test is given. */
export function withCode(template: Template, keyOf: (handler: HandlerName) => string): void {
  for (const { Type, Properties } of Object.values(template.Resources)) {
    if (Type !== 'AWS::Lambda::Function') continue;
    const { Code, Description } = Properties as { Code: { S3Key: string }; Description: string };
    const handler = HANDLER_NAMES.find((name) => Description.split(' ').includes(name));
    if (!handler) {
      throw new Error(`expected a function that names its handler, found: ${Description}`);
    }
    Code.S3Key = keyOf(handler);
  }
}

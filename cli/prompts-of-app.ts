import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { list, object } from '../core/audit/trail-event';
import { variantFromCloudFormation } from '../core/content/cloudformation-variant';
import { PROMPT_VERSION_TYPE } from '../core/contract/prompt-version-resource';
import { RELEASE_PLAN_TYPE } from '../core/contract/release-plan-resource';
import { promptTypes, type TypedPrompt } from '../core/prompt-file/prompt-types';
import { CliError } from './cli-error';
import { grouped } from './grouped';
import type { FoundPrompts } from './prompt-folder';

interface DeclaredPrompt {
  readonly template: string;
  readonly name: string;
  /** Undefined where the template does not hold its content. */
  readonly prompt: TypedPrompt | undefined;
}

/**
 * The prompts of an app as `cdk synth` wrote them, by the names they are deployed with: `promptName`, variants in code
 * and overrides included, files that no construct uses left out.
 */
export async function promptsOfApp(folder: string): Promise<FoundPrompts> {
  const templates = await templatesIn(folder);
  const declared = (await Promise.all(templates.map(promptsIn))).flat();
  if (declared.length === 0) {
    throw new CliError({
      what: `no prompt of a registry in ${folder}`,
      fix: 'name the folder that cdk synth writes, of an app with a PromptRegistry: prompt-registry types --app cdk.out',
    });
  }
  const byName = [...grouped(declared, ({ name }) => name).values()];
  const kinds = byName.map((group) => ({ group, kinds: kindsOf(group) }));
  return {
    prompts: kinds.flatMap(({ kinds }) => (kinds.length === 1 ? kinds : [])),
    problems: kinds.flatMap(({ group, kinds }) => (kinds.length > 1 ? [several(group)] : [])),
    notes: kinds.flatMap(({ group, kinds }) => {
      return kinds.length === 0 ? [`skipped ${group[0]?.name}: the app adopts it and does not hold its content`] : [];
    }),
  };
}

/** One for each type that the prompt has in the stacks of the app. */
function kindsOf(group: readonly DeclaredPrompt[]): TypedPrompt[] {
  const prompts = group.flatMap(({ prompt }) => prompt ?? []);
  return [...new Map(prompts.map((prompt) => [promptTypes([prompt]), prompt])).values()];
}

function several(group: readonly DeclaredPrompt[]): string {
  const where = [...new Set(group.map(({ template }) => template))].join(' and ');
  return `prompt ${group[0]?.name} has other variables or another type in ${where}: deploy them alike, or name them apart`;
}

/** The stacks' templates by the manifest: `cdk synth` leaves those of stacks that are gone. */
async function templatesIn(folder: string): Promise<string[]> {
  const { artifacts } = object(await readJson(join(folder, 'manifest.json')));
  const paths = await Promise.all(
    Object.values(object(artifacts)).map(async (artifact) => {
      const { type, properties } = object(artifact);
      const { templateFile, directoryName } = object(properties);
      if (type === 'cdk:cloud-assembly') return await templatesIn(join(folder, String(directoryName)));
      return type === 'aws:cloudformation:stack' ? [join(folder, String(templateFile))] : [];
    }),
  );
  return paths.flat();
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new CliError(
      {
        what: `cannot read ${path}`,
        why: (cause as Error).message,
        fix: 'run cdk synth, and name the folder that it writes: prompt-registry types --app cdk.out',
      },
      undefined,
      { cause },
    );
  }
}

async function promptsIn(template: string): Promise<DeclaredPrompt[]> {
  const resources = object(object(await readJson(template)).Resources);
  const ids = new Map<string, unknown>();
  for (const resource of Object.values(resources)) {
    const { Type, Properties } = object(resource);
    const { PromptName, PromptId } = object(Properties);
    const isOurs = Type === PROMPT_VERSION_TYPE || Type === RELEASE_PLAN_TYPE;
    if (isOurs && typeof PromptName === 'string') ids.set(PromptName, PromptId);
  }
  return [...ids].map(([name, id]) => ({ template, name, prompt: typedPrompt(name, declaredVariant(resources, id)) }));
}

/** The variant of the `AWS::Bedrock::Prompt` whose id this is; undefined where another stack or nobody defines it. */
function declaredVariant(resources: Record<string, unknown>, id: unknown): unknown {
  const [logicalId] = list(object(id)['Fn::GetAtt']);
  const { Type, Properties } = object(resources[String(logicalId)]);
  return Type === 'AWS::Bedrock::Prompt' ? list(object(Properties).Variants)[0] : undefined;
}

function typedPrompt(name: string, variant: unknown): TypedPrompt | undefined {
  if (variant === undefined) return undefined;
  return { name, variant: variantFromCloudFormation(object(variant)) };
}

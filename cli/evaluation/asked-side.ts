import { dirname, join } from 'node:path';
import { type AskedContent, askedRendered, askedVersion } from '../../core/evaluation/asked-content';
import { usageError } from '../cli-error';
import type { CommandContext } from '../command';
import { versionContent } from '../version-content';
import { parseVersionReference, type VersionReference } from '../version-reference';

/** A content to be asked, and why nobody can be held to its answers, if so. */
export interface AskedSide {
  readonly content: AskedContent;
  readonly advisory: string | undefined;
  /** A file to watch. */
  readonly path?: string;
}

/**
 * What `--candidate` or `--against` names. A version is asked by its ARN, as its callers do; a file, a draft, a git
 * revision and a version that was pruned are rendered here.
 *
 * @param suitePath the prompt's file stands next to it: `--candidate file`
 * @param isElsewhere whether the model is not Bedrock, which alone renders versions
 * @param guardrail what the requests name, `arn:…:guardrail/ID:3`
 */
export async function askedSide(
  { positionals, openRegistry }: CommandContext,
  reference: string,
  suitePath: string,
  isElsewhere: boolean,
  guardrail: string | undefined,
): Promise<AskedSide> {
  const [promptName = ''] = positionals;
  const named = namedReference(reference, promptName, suitePath);
  const open = async () => {
    const registry = await openRegistry(promptName);
    return { registry, prompt: await registry.prompt(promptName) };
  };
  const { label, variant, held } = await versionContent(promptName, named, open);
  const props = { promptName, label, variant, guardrail };
  const number = held?.version;
  if (typeof number !== 'number') {
    const path = named.kind === 'file' ? named.path : undefined;
    return { content: askedRendered(props), advisory: `${label} is no version`, path };
  }
  if (isElsewhere) {
    const content = { ...askedRendered(props), version: number };
    return { content, advisory: `${label} is asked elsewhere than its callers ask it` };
  }
  const { registry, prompt } = await open();
  if (held?.source === 'archive') {
    return { content: { ...askedRendered(props), version: number }, advisory: `Bedrock has ${label} no more` };
  }
  const [, partition, , region, account] = registry.stack.stackId.split(':');
  const versionArn = `arn:${partition}:bedrock:${region}:${account}:prompt/${prompt.promptId}:${number}`;
  return { content: askedVersion({ ...props, versionArn, version: number }), advisory: undefined };
}

/** Where the file of a prompt stands: next to its suite. */
export function promptFileOf(promptName: string, suitePath: string): string {
  return join(dirname(suitePath), `${promptName}.prompt`);
}

function namedReference(reference: string, promptName: string, suitePath: string): VersionReference {
  if (reference === 'file') return { kind: 'file', path: promptFileOf(promptName, suitePath) };
  const named = parseVersionReference(reference);
  if (named.kind === 'previous') throw usageError('previous of which alias?', 'name the version: :3');
  return named;
}

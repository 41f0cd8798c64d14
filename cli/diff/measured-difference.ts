import { isAccessError } from '../../core/contract/access-error';
import { isEvaluationGate } from '../../core/release/gates/evaluation';
import type { CommandContext } from '../command';
import { signedRuns } from '../evaluation/signed-runs';
import type { Registry, RegistryPrompt } from '../registry';
import type { StackAlias } from '../registry-stack';
import { gatesOf } from '../reviews/gates-of';
import { GatesUnknown } from '../reviews/gates-unknown';
import { runText } from '../reviews/measured-run';
import type { ComparedContent } from './content-origins';

/**
 * How suites came out over the second content when they compared it with the first, as it was signed: of each alias with a
 * gate of evaluations the newest run of each suite.
 */
export async function measuredDifference(
  { positionals: [promptName = ''], openRegistry }: CommandContext,
  [before, after]: readonly ComparedContent[],
): Promise<string[]> {
  const [baseline, digest] = [before?.content.digest ?? null, after?.content.digest ?? null];
  // Nobody can sign for a file or a draft.
  if (typeof after?.content.held?.version !== 'number' || baseline === null || digest === null) return [];
  const registry = await openRegistry(promptName);
  const prompt = await registry.prompt(promptName);
  const measured = prompt.aliases.map(async (alias) => {
    const said = await measuredFor(registry, prompt, alias, { baseline, digest });
    return said.map((text) => `for ${alias.aliasName}: ${text}`);
  });
  return (await Promise.all(measured)).flat();
}

async function measuredFor(
  registry: Registry,
  prompt: RegistryPrompt,
  alias: StackAlias,
  { baseline, digest }: { readonly baseline: string; readonly digest: string },
): Promise<string[]> {
  try {
    if (!(await gatesOf(registry, alias)).some(isEvaluationGate)) return [];
    const runs = await signedRuns(registry, prompt, alias, digest);
    const between = runs.filter((run) => run.baseline === baseline);
    const newest = between.filter(({ suite }, at) => between.findIndex((one) => one.suite === suite) === at);
    return newest.map(runText);
  } catch (error) {
    if (error instanceof GatesUnknown) return [error.message];
    if (isAccessError(error)) return ['not all of it may be read with these credentials'];
    throw error;
  }
}

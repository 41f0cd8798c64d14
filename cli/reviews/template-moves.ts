import { readFile } from 'node:fs/promises';
import { gatesInForce, parseGates, parseGatesByAlias } from '../../core/release/gate';
import { replayed } from '../../core/release/replayed';
import { parseVersionTarget, type TargetPlace } from '../../core/release/version-target';
import { CliError } from '../cli-error';
import { type AliasState, Registry, type RegistryPrompt } from '../registry';
import type { PointedAlias } from '../registry-reader';
import type { StackAlias } from '../registry-stack';
import { type RegistryTemplate, readRegistryTemplate } from '../registry-template';
import { type AskedMove, askedMove, targetOf } from './asked-moves';
import { judgement } from './judgement';

/**
 * Every move that a deployment of a template asks for. A parameter keeps its value in a deployment, so an alias that moves
 * by one asks for nothing.
 *
 * @param file as `cdk synth` wrote it
 */
export async function templateMoves(deployed: Registry, file: string, now: Date): Promise<AskedMove[]> {
  const template = await readTemplate(file, deployed);
  // The functions get their new gates before anything is planned.
  const stack = { ...deployed.stack, gating: template.gating ?? deployed.stack.gating };
  const registry = new Registry(deployed.clients, stack);
  const pointers = await registry.reader.aliases();
  const moves = template.aliases
    .filter(({ parameterId }) => parameterId === undefined)
    .map((alias) => moveOf(registry, alias, pointers, now));
  return (await Promise.all(moves)).flatMap((move) => move ?? []);
}

async function moveOf(
  registry: Registry,
  alias: StackAlias,
  pointers: readonly PointedAlias[],
  now: Date,
): Promise<AskedMove | undefined> {
  const declared = alias.sourceTarget === undefined ? undefined : parseVersionTarget(alias.sourceTarget);
  if (declared?.kind === 'none') return undefined;
  // What is rolled out is what gates are asked about.
  const target = declared?.kind === 'rollout' ? declared.candidate : declared;
  const gating = await registry.gating();
  const gates = gatesInForce(
    parseGatesByAlias(gating?.gates ?? '{}'),
    alias.aliasName,
    parseGates(alias.gates ?? '[]'),
  );
  if (gating !== undefined && gates.length === 0) return undefined;
  if (target === undefined) return gates.length === 0 ? undefined : refusedMove(alias, null, FOLLOWS);
  if (!registry.promptNames.includes(alias.promptName)) return refusedMove(alias, digestIn(target), UNKNOWN_PROMPT);
  const prompt = await registry.prompt(alias.promptName);
  const state = await stateOf(registry, prompt, alias, pointers);
  const wanted =
    target.kind === 'digest'
      ? await targetOf({ registry, prompt }, target.digest)
      : (await registry.reader.versions(prompt.promptId)).find(({ version }) => version === target.version);
  if (wanted?.digest === undefined) return { ...refusedMove(alias, digestIn(target), NO_VERSION), from: state.version };
  const judged = await judgement(registry, prompt, state, { version: wanted.version, digest: wanted.digest }, now);
  return judged.way === 'stays' ? undefined : askedMove({ prompt, state }, judged);
}

async function stateOf(
  registry: Registry,
  prompt: RegistryPrompt,
  alias: StackAlias,
  pointers: readonly PointedAlias[],
): Promise<AliasState> {
  const state = await registry.aliasState(prompt, alias, pointers);
  return { ...state, history: replayed(registry.reader.history(prompt.promptId, alias.aliasName)) };
}

const FOLLOWS = {
  code: 'GateOnFollower',
  message: 'the alias has a gate and follows the content: set target to AliasTarget.parameter()',
};
const UNKNOWN_PROMPT = {
  code: 'ApprovalMissing',
  message:
    'the prompt is not deployed yet, so nobody can have agreed: begin with AliasTarget.parameter(), or add the alias in a second deployment',
};
const NO_VERSION = { code: 'NoSuchVersion', message: 'the prompt has no such version' };

function refusedMove(
  { promptName, aliasName }: StackAlias,
  digest: string | null,
  missing: { code: string; message: string },
): AskedMove {
  const nobody = { asked: [], approved: [], rejected: [] };
  return {
    prompt: promptName,
    alias: aliasName,
    from: null,
    to: null,
    digest,
    way: 'forward',
    ...nobody,
    missing: [missing],
  };
}

function digestIn(target: TargetPlace): string | null {
  return target.kind === 'digest' ? target.digest : null;
}

async function readTemplate(file: string, { stack }: Registry): Promise<RegistryTemplate> {
  let body: string;
  try {
    body = await readFile(file, 'utf8');
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (cause as Error).message;
    throw new CliError({ what: `cannot read ${file}`, why, fix: 'cdk synth writes it: cdk.out/STACK.template.json' });
  }
  const template = readRegistryTemplate(body);
  if (template.parameterPrefix === stack.parameterPrefix) return template;
  throw new CliError({
    what: `${file} is not a template of the registry ${stack.parameterPrefix} in stack ${stack.stackName}`,
    why:
      template.parameterPrefix === undefined ? 'it has no alias of a prompt' : `it is of ${template.parameterPrefix}`,
    fix: 'name the template of the same stack, or another stack with --stack',
  });
}

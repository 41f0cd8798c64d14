import { parameterName } from '../../core/contract/names';
import { lockedFacts } from '../../core/models/locked-facts';
import type { ModelLock } from '../../core/models/model-lock';
import { sinceOf } from '../audit/span';
import { type Command, type CommandContext, REGISTRY_OPTIONS } from '../command';
import { ExitCode } from '../exit-code';
import { leftOver } from '../left-over';
import { type ListedAlias, type ListedPrompt, type ListedRegistry, listText } from '../list-text';
import { LOCK_OPTION, lockIfReadable } from '../models/lock-file';
import { noSuchPrompt } from '../no-such-prompt';
import { openRegistries } from '../open-registries';
import type { Registry } from '../registry';
import type { AliasOverview, PromptOverview } from '../registry-overview';
import { noticeUnread, registrySummary } from '../registry-summary';
import { requestsField } from '../reviews/requests-field';
import type { WaitingRequest, WaitingRequests } from '../reviews/waiting-requests';

export const list: Command = {
  name: 'list',
  summary: 'prompts, their newest version, and where each alias stands',
  positionals: ['[PROMPT]'],
  options: {
    'changed-since': {
      type: 'string',
      value: 'SPAN',
      description: 'only aliases that moved since: 24h, 7d, or a date',
    },
    ...LOCK_OPTION,
    bedrock: { type: 'boolean', description: 'ask Bedrock too which versions it holds: 10 prompts a second' },
    ...REGISTRY_OPTIONS,
  },
  details: [
    'Lists every registry of the account and Region; --stack or PROMPT_REGISTRY_STACK narrows it to one. Each begins with ' +
      'a line that is green where parameters, stack and ledger agree, and red where they differ.',
    'ALSO CALLABLE are versions that callers of the alias may use besides the one it points to: normally the one before. ' +
      'A version left over by a rollback stays callable until it is withdrawn (rollback --withdraw) or two releases have passed.',
    'NEWEST is the newest version in the archive, which keeps those that Bedrock no longer holds. With --bedrock it is the ' +
      'newest that Bedrock holds, and callable versions that Bedrock lacks are shown.',
    'MODEL ENDS is when the model of that version ends, as the lock file says (models refresh): empty where no end is ' +
      'announced, unknown where the file does not have the model.',
    'With a prompt READ AT is the SSM parameter from which applications read the alias, and GUARDRAIL what its callers have to name.',
    'Without it Bedrock is asked only, once for each alias, where somebody asks for an approval.',
  ],
  examples: ['list', 'list financial-analysis', 'list --changed-since 24h', 'list --json --stack Prompts-prod'],
  run: async (context) => {
    const { terminal, values, positionals, now } = context;
    const since = sinceOf(values['changed-since'], now(), '--changed-since');
    const [only] = positionals;
    const lock = await lockIfReadable(context);
    const shown: ListedPrompt[] = [];
    const names: string[] = [];
    let isPartial = false;
    await terminal.progress('reading the registries', async (say) => {
      const read = (registry: Registry) => listedRegistry(registry, context, lock, say);
      for await (const registry of openRegistries(context, read)) {
        names.push(...registry.names);
        isPartial ||= registry.summary.unread.length > 0;
        const isShown = registry.prompts.length > 0 || only === undefined;
        if (!values.json && isShown) {
          const text = listText(registry, { since, now: now(), pointers: only !== undefined }, terminal);
          terminal.line(`${shown.length > 0 ? '\n' : ''}${text}`);
        }
        shown.push(...registry.prompts);
      }
    });
    if (only !== undefined && !names.includes(only)) {
      throw noSuchPrompt(only, 'the prompt registries here', [...new Set(names)].sort());
    }
    if (values.json) terminal.json(shown);
    return isPartial ? ExitCode.NotAllowed : ExitCode.Done;
  },
};

async function listedRegistry(
  registry: Registry,
  { terminal, positionals: [only], values, now }: CommandContext,
  lock: ModelLock | undefined,
  say: (doing: string) => void,
): Promise<ListedRegistry & { readonly names: readonly string[] }> {
  const { registryOverview } = await import('../registry-overview');
  const since = sinceOf(values['changed-since'], now(), '--changed-since');
  const overview = await registryOverview(registry, { only, tags: true, say });
  const { waitingRequests } = await import('../reviews/waiting-requests');
  const waiting = await waitingRequests(registry, only, now());
  const { prompts, unread } = overview;
  if (values.json) noticeUnread(registry.stack.stackName, [...unread, ...waiting.notes], terminal);
  const region = await registry.clients.cloudFormation.config.region();
  const lifeOf = (model: string): Life => {
    const { status, end } = lockedFacts(model, region, lock, now());
    return { ...(lock && { modelStatus: status }), ...(end !== null && { modelEnds: end }) };
  };
  const listed = prompts.map((prompt) => withRequests(listedPrompt(registry, prompt, lifeOf), waiting));
  const all = values.bedrock ? await heldByBedrock(registry, prompts, listed, say) : listed;
  const differences = all.flatMap(({ prompt, aliases }) =>
    aliases.flatMap(({ alias, differences: own }) => own.map((difference) => ({ prompt, alias, difference }))),
  );
  return {
    summary: { ...registrySummary(overview), differences, waiting },
    prompts: since ? all.flatMap((prompt) => changedSince(prompt, since)) : all,
    names: registry.promptNames,
  };
}

type Life = Pick<ListedAlias, 'modelStatus' | 'modelEnds'>;
type LifeOf = (model: string) => Life;

function listedPrompt(
  { stack }: Registry,
  { promptName, versions, withdrawn, aliases }: PromptOverview,
  lifeOf: LifeOf,
): ListedPrompt {
  const { stackName, parameterPrefix } = stack;
  const newest = versions.at(-1) ?? null;
  const listed = aliases.map((state) => listedAlias(state, parameterPrefix, lifeOf));
  return {
    prompt: promptName,
    stack: stackName,
    registry: parameterPrefix,
    newest,
    versions,
    withdrawn,
    aliases: listed,
  };
}

function listedAlias(state: AliasOverview, parameterPrefix: string, lifeOf: LifeOf): ListedAlias {
  const { alias, version, rollout, tags, digest, model, guardrail, since, changed, callable, differences, passed } =
    state;
  return {
    alias: alias.aliasName,
    version,
    digest: digest ?? null,
    ...(tags.length > 0 && { tags }),
    ...(rollout && { rollout }),
    ...(model !== undefined && { model }),
    ...(model && lifeOf(model)),
    ...(guardrail !== undefined && { guardrail }),
    since: since ?? null,
    changed: changed ?? null,
    alsoCallable: callable.filter((one) => one !== version && one !== rollout?.candidate),
    leftOver: leftOver(state),
    parameter: alias.parameterId ?? null,
    pointer: parameterName(parameterPrefix, alias.promptName, alias.aliasName),
    differences,
    ...(passed && { passed }),
  };
}

function withRequests(prompt: ListedPrompt, waiting: WaitingRequests): ListedPrompt {
  const aliases = prompt.aliases.map((alias) => {
    const isOwn = (one: WaitingRequest) => one.prompt === prompt.prompt && one.alias === alias.alias;
    return { ...alias, ...requestsField(waiting, isOwn) };
  });
  return { ...prompt, aliases };
}

function changedSince(prompt: ListedPrompt, since: Date): ListedPrompt[] {
  const aliases = prompt.aliases.filter(({ changed }) => changed !== null && changed >= since);
  return aliases.length > 0 ? [{ ...prompt, aliases }] : [];
}

/** With the versions that Bedrock holds; one that callers may use and Bedrock lacks is a difference. */
async function heldByBedrock(
  { reader }: Registry,
  overviews: readonly PromptOverview[],
  prompts: readonly ListedPrompt[],
  say: (doing: string) => void,
): Promise<ListedPrompt[]> {
  let done = 0;
  // All at once: the client itself keeps to Bedrock's rate, so the whole takes as long as that allows.
  const asked = prompts.map(async (prompt, index): Promise<ListedPrompt> => {
    const promptId = overviews[index]?.promptId ?? (await reader.promptId(prompt.prompt));
    const versions = promptId === undefined ? [] : (await reader.versions(promptId)).map(({ version }) => version);
    done += 1;
    say(`asking Bedrock: ${done} of ${prompts.length} prompts${prompts.length > 20 ? ', it allows 10 a second' : ''}`);
    const aliases = prompt.aliases.map((alias) => {
      const callable = [...(alias.version === null ? [] : [alias.version]), ...alias.alsoCallable];
      const lacking = callable.filter((version) => !versions.includes(version) && !prompt.withdrawn.includes(version));
      const lost = lacking.map(
        (version) => `version ${version} is not in Bedrock any more; the archive has it: prompt-registry restore`,
      );
      return { ...alias, differences: [...alias.differences, ...lost] };
    });
    return { ...prompt, newest: versions.at(-1) ?? null, versions, aliases };
  });
  return Promise.all(asked);
}

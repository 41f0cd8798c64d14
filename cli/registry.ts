import { logicalId, withdrawnParameterId } from '../core/contract/names';
import { NO_VERSION } from '../core/contract/no-version';
import { versionOfArn } from '../core/contract/version-arn';
import type { LedgerRecord } from '../core/ledger/record';
import { firstOf, replayed } from '../core/release/replayed';
import { callableVersions } from '../core/release/standing';
import { parseWithdrawnVersions } from '../core/release/withdrawn-versions';
import { didYouMean } from '../core/text/did-you-mean';
import type { AwsClients } from './aws-clients';
import { CliError } from './cli-error';
import { joinedGating } from './joined-gating';
import { noSuchPrompt } from './no-such-prompt';
import { type PointedAlias, RegistryReader } from './registry-reader';
import { type DeclaredGating, parameterValue, type RegistryStack, type StackAlias } from './registry-stack';
import { type RunningRollout, runningRollout } from './rollout/running-rollout';
import { readStackAgain } from './stack-finder';

/** A prompt of the registry with its aliases. */
export interface RegistryPrompt {
  readonly promptName: string;
  readonly promptId: string;
  readonly aliases: readonly StackAlias[];
  /** Versions that no caller may use. */
  readonly withdrawn: readonly number[];
}

/** Where an alias stands. */
export interface AliasState {
  readonly alias: StackAlias;
  /** Version that the parameter points to; null for `none`. */
  readonly version: number | null;
  readonly since: Date | undefined;
  /** Newest first, read as far as somebody goes through it. */
  readonly history: AsyncIterable<LedgerRecord>;
  /** Versions that its callers may use, the target first. */
  readonly callable: readonly number[];
  /** What the newest record says is rolled out; undefined for nothing. */
  readonly rollout?: RunningRollout | undefined;
  /** What clients are told to name; undefined for nothing. */
  readonly guardrail?: string | undefined;
}

/** A registry as the commands see it: its stack, and what it says of itself. */
export class Registry {
  private joined?: Promise<DeclaredGating | undefined>;

  constructor(
    readonly clients: AwsClients,
    readonly stack: RegistryStack,
    readonly reader = new RegistryReader(clients, stack),
  ) {}

  /** The registry as it is now: others may have changed its stack since this one was read. */
  async again(): Promise<Registry> {
    return new Registry(this.clients, await readStackAgain(this.clients, this.stack));
  }

  /** What the registry says of approvals; undefined where it is another stack's, and the template does not tell which. */
  async gating(): Promise<DeclaredGating | undefined> {
    if (this.stack.gating !== undefined) return this.stack.gating;
    this.joined ??= joinedGating(this.clients, this.stack);
    return this.joined;
  }

  /** Names of all prompts, sorted. */
  get promptNames(): string[] {
    return [...new Set(this.stack.aliases.map(({ promptName }) => promptName))].sort();
  }

  /** @throws CliError that lists the prompts there are */
  async prompt(promptName: string): Promise<RegistryPrompt> {
    const { stack } = this;
    const aliases = stack.aliases.filter((alias) => alias.promptName === promptName);
    if (aliases.length === 0) {
      throw noSuchPrompt(promptName, `stack ${stack.stackName}`, this.promptNames);
    }
    const promptId = this.promptIdInStack(promptName) ?? (await this.reader.promptId(promptName));
    if (promptId === undefined) {
      throw new CliError({
        what: `prompt ${promptName} is not in Bedrock any more`,
        why: `stack ${stack.stackName} has aliases of it, but no prompt of this name exists`,
        fix: `its archived versions are in s3://${stack.ledgerBucket}/versions/`,
      });
    }
    return { promptName, promptId, aliases, withdrawn: this.withdrawn(promptName) };
  }

  /** Bedrock's id as the stack knows it; undefined where only Bedrock does. */
  promptIdInStack(promptName: string): string | undefined {
    const { parameterPrefix, resources } = this.stack;
    return resources
      .get(logicalId(parameterPrefix, promptName, undefined, 'Prompt'))
      ?.physicalId.split('/')
      .pop();
  }

  /** Versions of a prompt that no caller may use. */
  withdrawn(promptName: string): number[] {
    return parseWithdrawnVersions(parameterValue(this.stack, withdrawnParameterId(promptName)) ?? NO_VERSION);
  }

  /** @throws CliError that lists the aliases there are */
  alias(prompt: RegistryPrompt, aliasName: string): StackAlias {
    const found = prompt.aliases.find((alias) => alias.aliasName === aliasName);
    if (found) return found;
    const names = prompt.aliases.map((alias) => alias.aliasName);
    const meant = didYouMean(aliasName, names);
    throw new CliError({
      what: `prompt ${prompt.promptName} has no alias ${aliasName}`,
      fix: meant ? `did you mean ${meant}?` : `aliases there: ${names.join(', ')}`,
    });
  }

  /** Where all aliases of a prompt stand. */
  async aliasStates(prompt: RegistryPrompt): Promise<AliasState[]> {
    const pointers = await this.reader.aliases(prompt.promptName);
    return Promise.all(prompt.aliases.map((alias) => this.aliasState(prompt, alias, pointers)));
  }

  /** Where the parameters point, without the ledger: nothing else counts as callable. */
  pointedStates({ aliases }: RegistryPrompt, pointers: readonly PointedAlias[]): AliasState[] {
    return aliases.map((alias) => {
      const pointer = pointerOf(alias, pointers);
      const version = versionOfArn(pointer?.versionArn);
      const callable = version === null ? [] : [version];
      const { since, guardrail } = pointer ?? {};
      return { alias, version, since, history: replayed(nothing()), callable, guardrail };
    });
  }

  /** @param pointers undefined where they may not be read: the ledger says where the alias is */
  async aliasState(
    prompt: RegistryPrompt,
    alias: StackAlias,
    pointers: readonly PointedAlias[] | undefined,
  ): Promise<AliasState> {
    const { aliasName, callableVersions: size } = alias;
    const pointer = pointers && pointerOf(alias, pointers);
    const history = replayed(this.reader.history(prompt.promptId, aliasName));
    const head = await firstOf(history);
    const version = pointers ? versionOfArn(pointer?.versionArn) : (head?.to?.version ?? null);
    const rollout = await runningRollout(history, pointer?.progress, new Date());
    const { withdrawn } = prompt;
    const callable = await callableVersions({
      target: version,
      candidate: rollout?.candidate,
      history,
      size,
      withdrawn,
    });
    return { alias, version, since: pointer?.since, history, callable, guardrail: pointer?.guardrail, rollout };
  }
}

function pointerOf({ promptName, aliasName }: StackAlias, pointers: readonly PointedAlias[]): PointedAlias | undefined {
  return pointers.find((one) => one.promptName === promptName && one.aliasName === aliasName);
}

async function* nothing(): AsyncGenerator<LedgerRecord> {}

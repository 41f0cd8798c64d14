import { parseVersionArn, versionOfArn } from '../core/contract/version-arn';
import type { LedgerRecord } from '../core/ledger/record';
import { firstOf, replayed } from '../core/release/replayed';
import { callableVersions } from '../core/release/standing';
import { pointerFindings, targetFindings } from './alias-differences';
import { archivedVersions, LedgerListing } from './ledger-listing';
import { PartialReading } from './partial-reading';
import type { Registry } from './registry';
import type { NamedTag, PointedAlias } from './registry-reader';
import type { RegistryStack, StackAlias } from './registry-stack';
import { isAtWork } from './release/stack-readiness';
import { type LetThrough, letThrough } from './reviews/let-through';
import { type RunningRollout, runningRollout } from './rollout/running-rollout';

/** Where the aliases of a registry stand, as S3, Parameter Store and CloudFormation say it: without a call of Bedrock, IAM or CloudTrail. */
export interface RegistryOverview {
  readonly stack: RegistryStack;
  readonly prompts: readonly PromptOverview[];
  /** Parts that could not be read, and why: what hangs on them is missing above. */
  readonly unread: readonly string[];
}

export interface PromptOverview {
  readonly promptName: string;
  /** Bedrock's id; undefined where neither stack nor parameters tell it. */
  readonly promptId: string | undefined;
  /** Versions that the registry published, ascending; Bedrock may have fewer of them. */
  readonly versions: readonly number[];
  readonly withdrawn: readonly number[];
  readonly aliases: readonly AliasOverview[];
}

export interface AliasOverview extends LetThrough {
  readonly alias: StackAlias;
  /** Version that the parameter points to, where that may not be read the ledger's; null for none. */
  readonly version: number | null;
  /** Tags that name the content, where they were asked for. */
  readonly tags: readonly string[];
  /** Content of that version; undefined where the newest record is of another one. */
  readonly digest: string | undefined;
  /** Its model, as that record has it; null for a version without one. */
  readonly model: string | null | undefined;
  /** When the parameter was last written. */
  readonly since: Date | undefined;
  /** When the newest record was written or the parameter, whichever is later. */
  readonly changed: Date | undefined;
  readonly callable: readonly number[];
  /** What clients are told to name; undefined where they are told nothing. */
  readonly guardrail: string | undefined;
  /** What is rolled out meanwhile; undefined for nothing. */
  readonly rollout: RunningRollout | undefined;
  /** Newest first, read as far as somebody goes through it; undefined where it could not be read. */
  readonly history: AsyncIterable<LedgerRecord> | undefined;
  /** How parameter, ledger and stack differ; empty where they agree, or while CloudFormation is at work. */
  readonly differences: readonly string[];
}

export interface OverviewProps {
  /** Name of the prompt to look at. @default - all */
  readonly only?: string | undefined;
  /** Also which tags name the contents, for which each tag is read. @default false */
  readonly tags?: boolean;
  readonly say?: (doing: string) => void;
}

/** Reads a registry with one listing each of the ledger and the archive, its parameters, and the newest records. */
export async function registryOverview(
  registry: Registry,
  { only, tags: isTagged = false, say }: OverviewProps = {},
): Promise<RegistryOverview> {
  const { stack, clients, reader } = registry;
  const reading = new PartialReading();
  const [pointers, ledger, archive, tags = []] = await Promise.all([
    reading.attempt('the parameters of the aliases', () => reader.aliases(only)),
    reading.attempt('the ledger', () => LedgerListing.read(clients.s3, stack.ledgerBucket)),
    reading.attempt('the archive', () => archivedVersions(clients.s3, stack.ledgerBucket)),
    isTagged ? reading.attempt('the tags', () => reader.tags(idIn(registry, only), say)) : undefined,
  ]);
  const names = registry.promptNames.filter((name) => only === undefined || name === only);
  const prompts = names.map(async (promptName): Promise<PromptOverview> => {
    const own = stack.aliases.filter((alias) => alias.promptName === promptName);
    const withdrawn = registry.withdrawn(promptName);
    const pointed = pointers?.filter((pointer) => pointer.promptName === promptName);
    const promptId =
      registry.promptIdInStack(promptName) ??
      pointed?.map(({ versionArn }) => parseVersionArn(versionArn)?.promptId).find(Boolean);
    const named = tags.filter((one) => one.promptId === promptId);
    const aliases = await Promise.all(
      own.map(async (alias) => {
        const pointer = pointed?.find(({ aliasName }) => aliasName === alias.aliasName);
        const isPointerRead = pointed !== undefined;
        const history =
          promptId === undefined || ledger === undefined
            ? undefined
            : replayed(ledger.history(promptId, alias.aliasName));
        const seen = await reading.attempt('the records of the ledger', () =>
          aliasOverview(stack, alias, { pointer, isPointerRead, history, withdrawn, tags: named }),
        );
        return (
          seen ??
          (await aliasOverview(stack, alias, { pointer, isPointerRead, history: undefined, withdrawn, tags: named }))
        );
      }),
    );
    const known = [...(archive?.get(promptId ?? '') ?? []), ...aliases.flatMap(({ version }) => version ?? [])];
    const versions = [...new Set(known)].sort((a, b) => a - b);
    return { promptName, promptId, versions, withdrawn, aliases };
  });
  return { stack, prompts: await Promise.all(prompts), unread: reading.unread };
}

/** Undefined for all prompts, or where the stack does not say which one it is. */
function idIn(registry: Registry, only: string | undefined): string | undefined {
  return only === undefined ? undefined : registry.promptIdInStack(only);
}

interface Sources {
  readonly pointer: PointedAlias | undefined;
  readonly isPointerRead: boolean;
  /** Undefined where the ledger could not be read. */
  readonly history: AsyncIterable<LedgerRecord> | undefined;
  readonly withdrawn: readonly number[];
  /** Those of the prompt. */
  readonly tags: readonly NamedTag[];
}

async function aliasOverview(
  stack: RegistryStack,
  alias: StackAlias,
  { pointer, isPointerRead, history, withdrawn, tags: all }: Sources,
): Promise<AliasOverview> {
  const head = history && (await firstOf(history));
  const recorded = head?.to?.version ?? null;
  const version = isPointerRead ? versionOfArn(pointer?.versionArn) : recorded;
  const size = alias.callableVersions;
  const rollout = history && (await runningRollout(history, pointer?.progress, new Date()));
  const candidate = rollout?.candidate;
  const callable = history ? await callableVersions({ target: version, candidate, history, size, withdrawn }) : [];
  const since = pointer?.since;
  const times = [since, head && new Date(head.time)].flatMap((time) => time ?? []);
  const changed = times.sort((a, b) => b.getTime() - a.getTime())[0];
  const { digest, model } = (recorded === version && head?.to) || {};
  const tags = all.filter((one) => one.digest === digest).map(({ tag }) => tag);
  const isCompared = !isAtWork(stack) && isPointerRead;
  const differences = isCompared
    ? [...(history ? pointerFindings(stack, version, recorded) : []), ...targetFindings(stack, alias, version, digest)]
    : [];
  const through = history ? await letThrough(version, history) : {};
  const { guardrail } = pointer ?? {};
  const stands = { alias, version, tags, digest, model, guardrail, since, changed, callable, rollout };
  return { ...stands, history, differences, ...through };
}

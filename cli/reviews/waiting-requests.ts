import { isAccessError } from '../../core/contract/access-error';
import { FOLDERS, parseReviewKey, promptPrefix } from '../../core/ledger/layout';
import { RegistryError } from '../../core/registry-error';
import { isApproval } from '../../core/release/gates/approval';
import { firstOf } from '../../core/release/replayed';
import { awsNow } from '../audit/aws-clock';
import { reasonOf } from '../aws-failure';
import { CliError } from '../cli-error';
import type { Registry } from '../registry';
import type { StackAlias } from '../registry-stack';
import { consentOf } from './consent';
import { gatesOf } from './gates-of';
import type { Judgement } from './judgement';
import { openRequests } from './open-requests';
import { S3ReviewSource } from './s3-review-source';

/** What somebody asked for and the alias did not get yet. */
export interface WaitingRequest {
  readonly prompt: string;
  readonly alias: string;
  readonly version: number;
  readonly digest: string;
  /** People. */
  readonly asked: readonly string[];
  /** Groups that have not agreed; empty where it may be released. */
  readonly waitsFor: readonly string[];
}

export interface WaitingRequests {
  readonly requests: readonly WaitingRequest[];
  /** Why there may be more. */
  readonly notes: readonly string[];
}

/** A review's key and time. */
type Said = NonNullable<ReturnType<typeof parseReviewKey>> & { readonly time: Date };

/**
 * Requests that are open in a registry, or for one prompt of it: by one listing of its reviews, and none where the registry
 * has no reviewers. Contents that nobody asked for lately are not looked at, however many there are. For each alias with a
 * request that may wait Bedrock is asked once which versions there are.
 */
export async function waitingRequests(
  registry: Registry,
  promptName: string | undefined,
  now: Date,
): Promise<WaitingRequests> {
  const { clients, stack } = registry;
  if (stack.gating?.groups?.length === 0) return { requests: [], notes: [] };
  const promptId = promptName && registry.promptIdInStack(promptName);
  try {
    const source = new S3ReviewSource(clients.s3, stack.ledgerBucket);
    const objects = await source.listObjects(
      promptId ? promptPrefix('reviews', promptId) : FOLDERS.reviews,
      Number.POSITIVE_INFINITY,
    );
    const all = objects.flatMap(({ key, time }): Said[] => {
      const address = parseReviewKey(key);
      return address ? [{ ...address, time }] : [];
    });
    const aliases = stack.aliases.filter((alias) => promptName === undefined || alias.promptName === promptName);
    const found = await Promise.all(aliases.map((alias) => ofAlias(registry, alias, all, now)));
    return { requests: found.flat(), notes: [] };
  } catch (error) {
    const why = unreadBecause(error);
    if (why === undefined) throw error;
    return { requests: [], notes: [`requests for an approval ${why}`] };
  }
}

/**
 * Who may look at a registry need not be allowed to read what reviewers say, and gates of a newer version keep nobody from
 * seeing where the aliases are. Undefined for what is no reason to go on.
 */
function unreadBecause(error: unknown): string | undefined {
  if (isAccessError(error)) return 'may not be read with these credentials';
  const isSaid = error instanceof CliError || error instanceof RegistryError;
  return isSaid ? `could not be read: ${reasonOf(error)}` : undefined;
}

async function ofAlias(
  registry: Registry,
  alias: StackAlias,
  all: readonly Said[],
  now: Date,
): Promise<WaitingRequest[]> {
  const { promptName, aliasName } = alias;
  const promptId = registry.promptIdInStack(promptName);
  const own = all.filter((said) => said.promptId === promptId && said.alias === aliasName);
  if (own.length === 0) return [];
  const gates = (await gatesOf(registry, alias)).filter(isApproval);
  const time = awsNow(registry.clients, now).getTime();
  const isRecent = (said: Said) =>
    gates.some(({ askedBy, expires }) => askedBy === said.group && said.time.getTime() + expires * 1_000 >= time);
  const digests = [...new Set(own.filter(isRecent).map(({ digest }) => digest))];
  if (digests.length === 0) return [];
  const prompt = await registry.prompt(promptName);
  const state = await registry.aliasState(prompt, alias, await registry.reader.aliases(promptName));
  // What the alias has is released: only for the rest Bedrock is asked which version it is.
  const head = await firstOf(state.history);
  const stands = head?.to?.version === state.version ? head?.to?.digest : undefined;
  const wanted = digests.filter((digest) => digest !== stands);
  const open = await openRequests(registry, prompt, state, now, wanted);
  return open.map((judged) => waiting(alias, judged));
}

function waiting({ promptName, aliasName }: StackAlias, judged: Judgement): WaitingRequest {
  const { version, digest } = judged.target;
  const waitsFor = judged.refusals.flatMap(({ gate, command }) => {
    if (!isApproval(gate)) return gate.gate;
    return command === 'request' ? gate.askedBy : gate.by;
  });
  const asked = consentOf(judged).asked.map(({ person }) => person);
  const people = [...new Set(asked)];
  return { prompt: promptName, alias: aliasName, version, digest, asked: people, waitsFor: [...new Set(waitsFor)] };
}

import type { BedrockAgentClient, PromptSummary } from '@aws-sdk/client-bedrock-agent';
import { GetPromptCommand, paginateListPrompts } from '@aws-sdk/client-bedrock-agent';
import type { S3Client } from '@aws-sdk/client-s3';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { SSMClient } from '@aws-sdk/client-ssm';
import { paginateGetParametersByPath } from '@aws-sdk/client-ssm';
import { withPlainNumbers } from '../core/content/plain-numbers';
import type { PromptVariantContent } from '../core/content/prompt-content';
import { guardrailParameterName, parseGuardrail } from '../core/contract/guardrail';
import {
  parseProgress,
  parseRollout,
  progressParameterName,
  type RolloutProgress,
  type RolloutValue,
  rolloutParameterName,
} from '../core/contract/rollout-parameters';
import { describedDigest, describedNote } from '../core/contract/version-description';
import { archiveProblem } from '../core/ledger/archive-problem';
import { type VerifiedChain, verifyChain } from '../core/ledger/chain';
import { type LedgerSource, ledgerEntries, readableRecordsIn } from '../core/ledger/entries';
import {
  FOLDERS,
  ledgerPrefix,
  parseArchiveKey,
  parseStepKey,
  parseTagKey,
  promptPrefix,
  stepsPrefix,
  tagPrefix,
} from '../core/ledger/layout';
import type { LedgerRecord } from '../core/ledger/record';
import type { StoredObject } from '../core/ledger/review-source';
import { parseStep, type RolloutStep } from '../core/ledger/rollout-step';
import { newestTagEntry, parseTagEntry } from '../core/ledger/tag-entry';
import { bucketObjects } from './bucket-objects';
import { CliError } from './cli-error';
import { inOrder } from './in-order';

export interface RegistryLocation {
  /** `/prompts/prod` */
  readonly parameterPrefix: string;
  readonly ledgerBucket: string;
}

export interface PointedAlias {
  readonly promptName: string;
  readonly aliasName: string;
  /** Version ARN, or `none`. */
  readonly versionArn: string;
  /** When the parameter was last written. */
  readonly since: Date | undefined;
  /** What clients are told to name, `arn:…:guardrail/ID:3`; absent where they are told nothing. */
  readonly guardrail?: string;
  /** Which rollout may happen, as the stack says; absent where there is none. */
  readonly rollout?: RolloutValue;
  /** How far the controller says that it got. */
  readonly progress?: RolloutProgress;
}

export interface PublishedVersion {
  readonly version: number;
  /** `pd1:…`, or undefined for a version that the registry did not publish. */
  readonly digest: string | undefined;
  /** The rest of the description: the publisher's note. */
  readonly note: string;
  readonly created: Date | undefined;
}

/** What Bedrock, or else the archive, holds of a draft or version. */
export interface PromptContentRead {
  readonly source: 'bedrock' | 'archive';
  /** What the prompt is called in Bedrock; undefined in the archive. */
  readonly name?: string;
  readonly variant: PromptVariantContent;
  readonly description: string;
  /** When it was made, for the draft when it was last changed; from the archive when it was archived. */
  readonly time: Date | undefined;
  /** Key that encrypts it, null for none; undefined in the archive. */
  readonly keyArn?: string | null;
}

/** A tag with the digest of the content that it names. */
export interface NamedTag {
  readonly promptId: string;
  readonly tag: string;
  readonly digest: string;
}

export interface ArchivedVersionKey {
  readonly version: number;
  readonly digest: string;
  readonly key: string;
  readonly time: Date | undefined;
}

/** Objects read at once; S3 takes thousands. */
const AT_ONCE = 16;
/** As many as the SDK has connections: a prompt may have tags by the thousand. */
const TAGS_AT_ONCE = 50;
/** Where somebody waits, that many are worth a word. */
const TAGS_TOLD = 500;

/** Reads what a registry says of itself: pointers, versions, contents, ledger, archive. Writes nothing. */
export class RegistryReader {
  constructor(
    private readonly clients: { readonly ssm: SSMClient; readonly bedrock: BedrockAgentClient; readonly s3: S3Client },
    private readonly location: RegistryLocation,
  ) {}

  /** @param promptName only the aliases of one prompt. @default - all */
  async aliases(promptName?: string): Promise<PointedAlias[]> {
    const found: PointedAlias[] = [];
    const below = new Map<string, string>();
    const { parameterPrefix } = this.location;
    const query = { Path: promptName ? `${parameterPrefix}/${promptName}` : parameterPrefix, Recursive: true };
    for await (const page of paginateGetParametersByPath({ client: this.clients.ssm }, query)) {
      for (const { Name = '', Value = '', LastModifiedDate } of page.Parameters ?? []) {
        const [prompt = '', aliasName = '', more] = Name.slice(parameterPrefix.length + 1).split('/');
        if (more !== undefined) {
          below.set(Name, Value);
          continue;
        }
        found.push({ promptName: prompt, aliasName, versionArn: Value, since: LastModifiedDate });
      }
    }
    return found.map((alias) => {
      const pointer = `${parameterPrefix}/${alias.promptName}/${alias.aliasName}`;
      const guardrail = below.get(guardrailParameterName(pointer));
      const rollout = parseRollout(below.get(rolloutParameterName(pointer)));
      const progress = parseProgress(below.get(progressParameterName(pointer)));
      // A registry whose prefix begins with this one's lies below it as well: what is no such value is not this alias's.
      return {
        ...alias,
        ...(parseGuardrail(guardrail) !== undefined && { guardrail }),
        ...(rollout && { rollout }),
        ...(progress && { progress }),
      };
    });
  }

  /** Bedrock's id of the prompt with this name, or undefined. */
  async promptId(promptName: string): Promise<string | undefined> {
    return (await this.summaries()).find(({ name }) => name === promptName)?.id;
  }

  /** Versions that Bedrock holds now, oldest first. */
  async versions(promptId: string): Promise<PublishedVersion[]> {
    return (await this.summaries(promptId))
      .filter(({ version }) => version !== 'DRAFT')
      .map(({ version, description = '', createdAt }) => ({
        version: Number(version),
        digest: describedDigest(description) ?? undefined,
        note: describedNote(description),
        created: createdAt,
      }))
      .sort((a, b) => a.version - b.version);
  }

  /**
   * The draft or a version, a version that Bedrock no longer holds from the archive; undefined where neither has it.
   *
   * @param digest which of a version's contents is meant, where somebody named it
   * @throws CliError where the archive holds another content than it says, or two for one version
   */
  async content(promptId: string, version: number | 'draft', digest?: string): Promise<PromptContentRead | undefined> {
    const held = await this.held(promptId, version);
    if (held || version === 'draft') return held;
    const all = (await this.archive(promptId)).filter((entry) => entry.version === version);
    const [archived, other] = digest === undefined ? all : all.filter((entry) => entry.digest === digest);
    if (archived && other) throw twoArchives(version, all);
    return archived && this.archivedContent(promptId, archived);
  }

  /** The draft or a version as Bedrock holds it; undefined where it does not. */
  async held(promptId: string, version: number | 'draft'): Promise<PromptContentRead | undefined> {
    try {
      const promptVersion = version === 'draft' ? undefined : String(version);
      const found = await this.clients.bedrock.send(
        new GetPromptCommand({ promptIdentifier: promptId, promptVersion }),
      );
      const variant = withPlainNumbers(found.variants?.[0]) as PromptVariantContent | undefined;
      const time = version === 'draft' ? found.updatedAt : found.createdAt;
      const keyArn = found.customerEncryptionKeyArn ?? null;
      if (variant) {
        return { source: 'bedrock', name: found.name, variant, description: found.description ?? '', time, keyArn };
      }
    } catch (error) {
      if ((error as Error).name !== 'ResourceNotFoundException') throw error;
    }
    return undefined;
  }

  /** Versions in the archive, oldest first: every one that this registry published, pruned ones as well. */
  async archive(promptId: string): Promise<ArchivedVersionKey[]> {
    const found: ArchivedVersionKey[] = [];
    for await (const { key, time } of this.objects(promptPrefix('versions', promptId))) {
      const parsed = parseArchiveKey(key);
      if (parsed) found.push({ version: parsed.version, digest: parsed.digest, key, time });
    }
    return found.sort((a, b) => a.version - b.version);
  }

  /** Every tag of the prompt, or of all prompts, with the content that it names, in the order of their names. */
  async tags(promptId?: string, say: (doing: string) => void = () => {}): Promise<NamedTag[]> {
    const found: NamedTag[] = [];
    const keys = await this.tagKeys(promptId);
    let read = 0;
    for await (const body of inOrder(keys, TAGS_AT_ONCE, (key) => this.object(key))) {
      const entry = parseTagEntry(keys[read] as string, body);
      if (entry) found.push(namedTag(entry));
      read += 1;
      if (read % TAGS_TOLD === 0) say(`reading tags: ${read} of ${keys.length}`);
    }
    return found;
  }

  /** Without the contents that they name, for which each has to be read. */
  async tagNames(promptId: string): Promise<string[]> {
    return (await this.tagKeys(promptId)).flatMap((key) => parseTagKey(key)?.tag ?? []);
  }

  /** The newest entry of each. */
  private async tagKeys(promptId: string | undefined): Promise<string[]> {
    const newest = new Map<string, string>();
    for (const key of await this.keys(promptId === undefined ? FOLDERS.tags : promptPrefix('tags', promptId))) {
      const address = parseTagKey(key);
      const prefix = address && tagPrefix(address.promptId, address.tag);
      if (prefix !== undefined && !newest.has(prefix)) newest.set(prefix, key);
    }
    return [...newest.values()];
  }

  /** Digest of the content that has the tag; undefined where none has. */
  async tagged(promptId: string, tag: string): Promise<string | undefined> {
    return (await newestTagEntry(this.source(), promptId, tag))?.entry?.digest;
  }

  private async archivedContent(promptId: string, archived: ArchivedVersionKey): Promise<PromptContentRead> {
    const { key, time } = archived;
    const body = await this.object(key);
    const problem = archiveProblem({ promptId, ...archived }, body);
    if (problem) throw untrusted(`the archive ${key} ${problem}`);
    const { variant, description } = JSON.parse(body);
    return { source: 'archive', variant, description: description ?? '', time };
  }

  /** The alias's whole chain, verified. */
  async ledger(promptId: string, aliasName: string): Promise<VerifiedChain> {
    const keys = await this.keys(ledgerPrefix(promptId, aliasName));
    const entries: { key: string; body: string }[] = [];
    for (let start = 0; start < keys.length; start += AT_ONCE) {
      const batch = keys.slice(start, start + AT_ONCE).map(async (key) => ({ key, body: await this.object(key) }));
      entries.push(...(await Promise.all(batch)));
    }
    return verifyChain(entries);
  }

  /** The steps of one rollout, oldest first. */
  async steps(promptId: string, alias: string, plan: number): Promise<RolloutStep[]> {
    const keys = (await this.keys(stepsPrefix({ promptId, alias, plan }))).filter((key) => parseStepKey(key));
    const bodies = await Promise.all(keys.map((key) => this.object(key)));
    return bodies.map(parseStep).reverse();
  }

  /** The alias's records, newest first, read as they are asked for; those that cannot be read are left out. */
  history(promptId: string, aliasName: string): AsyncIterable<LedgerRecord> {
    return readableRecordsIn(ledgerEntries(this.source(), promptId, aliasName));
  }

  private source(): LedgerSource {
    return {
      list: (prefix, limit, after) => this.keys(prefix, limit, after),
      read: (key) => this.object(key),
    };
  }

  private async keys(prefix: string, limit?: number, after?: string): Promise<string[]> {
    const found: string[] = [];
    for await (const { key } of this.objects(prefix, limit, after)) found.push(key);
    return found;
  }

  private objects(prefix: string, limit?: number, after?: string): AsyncIterable<StoredObject> {
    return bucketObjects(this.clients.s3, { bucket: this.location.ledgerBucket, prefix, limit, after });
  }

  private async object(Key: string): Promise<string> {
    const { Body } = await this.clients.s3.send(new GetObjectCommand({ Bucket: this.location.ledgerBucket, Key }));
    return (await Body?.transformToString()) ?? '';
  }

  private async summaries(promptIdentifier?: string): Promise<PromptSummary[]> {
    const found: PromptSummary[] = [];
    for await (const page of paginateListPrompts({ client: this.clients.bedrock }, { promptIdentifier })) {
      found.push(...(page.promptSummaries ?? []));
    }
    return found;
  }
}

function namedTag({ promptId, tag, digest }: NamedTag): NamedTag {
  return { promptId, tag, digest };
}

function twoArchives(version: number, all: readonly ArchivedVersionKey[]): CliError {
  return untrusted(
    `the archive has ${all.length} contents for version ${version}, and a version has one`,
    all.map(({ digest, key }) => `to read one of them, name its digest instead of the version: ${digest} (${key})`),
  );
}

function untrusted(what: string, fix: readonly string[] = []): CliError {
  return new CliError({
    what,
    why: 'Bedrock does not hold the version any more, so nothing else says what it was',
    fix: ['find out who wrote it: prompt-registry audit verify', ...fix],
  });
}

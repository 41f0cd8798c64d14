import { randomInt } from 'node:crypto';
import type { PromptVariant } from '@aws-sdk/client-bedrock-agent';
import { AwsError } from '../aws-error';
import type { PromptReference } from './prompt-reference';

/** Fixed by AWS, not adjustable: https://docs.aws.amazon.com/general/latest/gr/bedrock.html#limits_bedrock */
const VERSIONS_PER_PROMPT = 10;
const PROMPTS_PER_REGION = 500;

export interface PromptContent {
  readonly name: string;
  readonly description?: string;
  /** Kept and shown only: IAM is not asked about keys, because the simulator does not know encryption contexts. */
  readonly customerEncryptionKeyArn?: string;
  readonly defaultVariant?: string;
  readonly variants?: PromptVariant[];
}

/** The draft or a version, as GetPrompt shows it. */
export interface PromptSnapshot extends PromptContent {
  readonly id: string;
  readonly arn: string;
  readonly version: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

interface StoredPrompt {
  draft: PromptSnapshot;
  readonly versions: Map<number, PromptSnapshot>;
  /** Numbers only rise: a deleted one is never given again. */
  lastNumber: number;
}

/** Prompts of one account, all Regions, with their versions and tags. */
export class PromptStore {
  private readonly prompts = new Map<string, StoredPrompt>();
  private readonly tags = new Map<string, Record<string, string>>();
  private readonly answered = new Map<string, PromptSnapshot>();

  create(arnPrefix: string, content: PromptContent, time: Date): PromptSnapshot {
    this.refuseSecond(content.name, arnPrefix, undefined);
    if ([...this.prompts.keys()].filter((arn) => arn.startsWith(arnPrefix)).length >= PROMPTS_PER_REGION) {
      throw quotaExceeded(`The number of prompts in this account exceeds the limit of ${PROMPTS_PER_REGION}.`);
    }
    const id = newPromptId();
    const arn = arnPrefix + id;
    const draft = { ...kept(content), id, arn, version: 'DRAFT', createdAt: time, updatedAt: time };
    this.prompts.set(arn, { draft, versions: new Map(), lastNumber: 0 });
    return draft;
  }

  /** Replaces the draft as a whole: what `content` leaves out is gone. */
  update(reference: PromptReference, content: PromptContent, time: Date): PromptSnapshot {
    const prompt = this.find(reference);
    const { id, arn, version, createdAt } = prompt.draft;
    this.refuseSecond(content.name, arn.slice(0, -id.length), arn);
    prompt.draft = { ...kept(content), id, arn, version, createdAt, updatedAt: time };
    return prompt.draft;
  }

  /** Keeps the draft as it is now under the next number. */
  publish(reference: PromptReference, description: string | undefined, time: Date): PromptSnapshot {
    const prompt = this.find(reference);
    if (prompt.versions.size >= VERSIONS_PER_PROMPT) {
      throw quotaExceeded(
        `The number of versions of prompt ${prompt.draft.id} exceeds the limit of ${VERSIONS_PER_PROMPT}. Delete a version and retry.`,
      );
    }
    prompt.lastNumber += 1;
    const number = prompt.lastNumber;
    const arn = `${prompt.draft.arn}:${number}`;
    const own = { arn, version: String(number), description, createdAt: time, updatedAt: time };
    const snapshot = { ...structuredClone(prompt.draft), ...own };
    prompt.versions.set(number, snapshot);
    return snapshot;
  }

  /** Throws ResourceNotFoundException. */
  get(reference: PromptReference): PromptSnapshot {
    const prompt = this.find(reference);
    const found = reference.version === 'DRAFT' ? prompt.draft : prompt.versions.get(reference.version);
    if (!found) {
      throw notFound(`Could not find version ${reference.version} of prompt ${reference.id}.`);
    }
    return found;
  }

  drafts(arnPrefix: string): PromptSnapshot[] {
    return [...this.prompts.values()].map(({ draft }) => draft).filter(({ arn }) => arn.startsWith(arnPrefix));
  }

  /** The draft first, then the versions from the newest on. */
  versions(reference: PromptReference): PromptSnapshot[] {
    const { draft, versions } = this.find(reference);
    return [draft, ...[...versions.values()].reverse()];
  }

  deleteVersion(reference: PromptReference): void {
    this.get(reference);
    this.find(reference).versions.delete(Number(reference.version));
    this.tags.delete(reference.arn);
  }

  /** Takes the versions along: https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-management-delete.html */
  deletePrompt(reference: PromptReference): void {
    for (const { arn } of this.versions(reference)) {
      this.tags.delete(arn);
    }
    this.prompts.delete(reference.promptArn);
  }

  tagsOf(arn: string): Record<string, string> {
    return this.tags.get(arn) ?? {};
  }

  setTags(arn: string, tags: Record<string, string>): void {
    this.tags.set(arn, tags);
  }

  /** "If this token matches a previous request, Amazon Bedrock ignores the request, but does not return an error." */
  once(token: string | undefined, run: () => PromptSnapshot): PromptSnapshot {
    const answer = (token !== undefined && this.answered.get(token)) || run();
    if (token !== undefined) {
      this.answered.set(token, answer);
    }
    return answer;
  }

  private find({ promptArn, id }: PromptReference): StoredPrompt {
    const prompt = this.prompts.get(promptArn);
    if (!prompt) {
      throw notFound(`Could not find prompt ${id}.`);
    }
    return prompt;
  }

  private refuseSecond(name: string, arnPrefix: string, own: string | undefined): void {
    if (this.drafts(arnPrefix).some((draft) => draft.name === name && draft.arn !== own)) {
      throw new AwsError('ConflictException', 409, `A prompt with the name ${name} already exists.`);
    }
  }
}

/** Copies content the way Bedrock keeps it: floats have 32 bits, and 0.2 reads back as 0.20000000298023224. */
function kept({ name, description, customerEncryptionKeyArn, defaultVariant, variants }: PromptContent): PromptContent {
  const content = { name, description, customerEncryptionKeyArn, defaultVariant, variants: structuredClone(variants) };
  for (const { inferenceConfiguration } of content.variants ?? []) {
    const settings = inferenceConfiguration?.text;
    if (settings?.temperature !== undefined) {
      settings.temperature = Math.fround(settings.temperature);
    }
    if (settings?.topP !== undefined) {
      settings.topP = Math.fround(settings.topP);
    }
  }
  return content;
}

function newPromptId(): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
  return Array.from({ length: 10 }, () => alphabet[randomInt(alphabet.length)]).join('');
}

function notFound(message: string): AwsError {
  return new AwsError('ResourceNotFoundException', 404, message);
}

function quotaExceeded(message: string): AwsError {
  return new AwsError('ServiceQuotaExceededException', 402, message);
}

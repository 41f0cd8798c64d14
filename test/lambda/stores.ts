import type { ReviewSource, StoredObject } from '../../core/ledger/review-source';
import type { ModelLife, ModelSource } from '../../core/models/model-facts';
import type { BedrockPrompts, HeldContent, ListedVersion } from '../../lambda/bedrock-prompts';
import type { AlarmStates } from '../../lambda/cloudwatch-alarms';
import type { CustomResourceEvent } from '../../lambda/custom-resource-event';
import type { InferenceProfile, InferenceProfiles } from '../../lambda/inference-profiles';
import type { ObjectStore } from '../../lambda/object-store';
import type { StackOperation, WantedResource } from '../../lambda/stack-operation';

function awsError(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

/** A bucket as S3 keeps it: strongly consistent, keys in UTF-8 order, written once. */
export class MemoryBucket implements ObjectStore, ReviewSource {
  readonly objects = new Map<string, string>();
  /** When objects were written, in milliseconds; those that say nothing at the beginning of time. */
  readonly times = new Map<string, number>();

  async listObjects(prefix: string, limit: number, after?: string): Promise<StoredObject[]> {
    return (await this.list(prefix, limit, after)).map((key) => ({
      key,
      time: new Date(this.times.get(key) ?? 0),
      size: this.objects.get(key)?.length ?? 0,
    }));
  }

  async list(prefix: string, limit: number, after = ''): Promise<string[]> {
    return [...this.objects.keys()]
      .filter((key) => key.startsWith(prefix) && key > after)
      .sort()
      .slice(0, limit);
  }

  async folders(prefix: string): Promise<string[]> {
    const below = [...this.objects.keys()]
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length));
    return [...new Set(below.filter((key) => key.includes('/')).map((key) => key.slice(0, key.indexOf('/'))))].sort();
  }

  async read(key: string): Promise<string | undefined> {
    return this.objects.get(key);
  }

  async putIfAbsent(key: string, body: string): Promise<'written' | 'taken'> {
    if (this.objects.has(key)) return 'taken';
    this.objects.set(key, body);
    return 'written';
  }
}

/** One prompt as Bedrock keeps it: numbers only grow, ten versions at most, temperatures as 32-bit floats, tokens remembered. */
export class MemoryPrompts implements BedrockPrompts {
  draft: Record<string, unknown> | undefined;
  highest = 0;
  readonly made = new Map<number, HeldContent>();
  readonly deleted: number[] = [];
  /** How often the draft was written by the handlers. */
  rewritten = 0;
  readonly reads: (number | 'DRAFT')[] = [];
  private readonly tokens = new Map<string, number>();

  constructor(draft: Record<string, unknown> | undefined) {
    this.draft = draft;
  }

  async versions(): Promise<ListedVersion[] | undefined> {
    if (this.draft === undefined) return undefined;
    return [...this.made].map(([version, { description }]) => ({ version, description }));
  }

  async read(_promptId: string, version: number | 'DRAFT'): Promise<HeldContent | undefined> {
    this.reads.push(version);
    if (this.draft === undefined) return undefined;
    return version === 'DRAFT' ? { variant: asKept(this.draft), description: '' } : this.made.get(version);
  }

  async rewriteDraft(_promptId: string, change: (variant: unknown) => unknown): Promise<boolean> {
    const variant = this.draft && change(asKept(this.draft));
    if (variant === undefined) return false;
    this.draft = variant as Record<string, unknown>;
    this.rewritten += 1;
    return true;
  }

  async createVersion(_promptId: string, description: string, clientToken: string): Promise<number> {
    if (!/^[a-zA-Z0-9](-*[a-zA-Z0-9]){32,255}$/.test(clientToken)) throw awsError('ValidationException', 'clientToken');
    if (description.length > 200) throw awsError('ValidationException', 'description');
    const known = this.tokens.get(clientToken);
    if (known !== undefined) return known;
    if (this.draft === undefined) throw awsError('ResourceNotFoundException', 'no such prompt');
    if (this.made.size >= 10) throw awsError('ServiceQuotaExceededException', 'versions per prompt');
    this.highest += 1;
    this.made.set(this.highest, { variant: asKept(this.draft), description });
    this.tokens.set(clientToken, this.highest);
    return this.highest;
  }

  async deleteVersion(_promptId: string, version: number): Promise<void> {
    if (this.made.delete(version)) this.deleted.push(version);
  }

  /** A version made outside the registry. */
  add(variant: Record<string, unknown>, description = ''): number {
    this.highest += 1;
    this.made.set(this.highest, { variant: asKept(variant), description });
    return this.highest;
  }
}

/** What GetPrompt answers for what was sent: the API model has temperature and topP as 32-bit floats. */
function asKept(variant: Record<string, unknown>): Record<string, unknown> {
  return JSON.parse(JSON.stringify(variant), (key, value) =>
    (key === 'temperature' || key === 'topP') && typeof value === 'number' ? Math.fround(value) : value,
  );
}

export class MemoryProfiles implements InferenceProfiles {
  readonly asked: string[] = [];

  constructor(private readonly profiles: readonly InferenceProfile[] = []) {}

  async find(identifier: string): Promise<InferenceProfile | undefined> {
    this.asked.push(identifier);
    return this.profiles.find(({ id, arn }) => id === identifier || arn === identifier);
  }
}

/** All models live until a test says otherwise. */
export class MemoryModels implements ModelSource {
  readonly asked: string[] = [];

  constructor(
    readonly lives: Record<string, ModelLife | undefined> = {},
    readonly routes: Record<string, string> = {},
  ) {}

  async model(identifier: string): Promise<ModelLife | undefined> {
    this.asked.push(identifier);
    if (identifier in this.routes) return undefined;
    return identifier in this.lives ? this.lives[identifier] : { status: 'ACTIVE' };
  }

  async profile(identifier: string): Promise<readonly string[] | undefined> {
    this.asked.push(identifier);
    const model = this.routes[identifier];
    return model === undefined ? undefined : [`arn:aws:bedrock:us-east-1::foundation-model/${model}`];
  }
}

/** No alarm exists until a test makes one. */
export class MemoryAlarms implements AlarmStates {
  readonly byArn = new Map<string, string>();
  readonly asked: string[] = [];

  async states(arns: readonly string[]): Promise<ReadonlyMap<string, string>> {
    this.asked.push(...arns);
    return new Map([...this.byArn].filter(([arn]) => arns.includes(arn)));
  }
}

export class MemoryStack implements StackOperation {
  constructor(
    public now = 'UPDATE_IN_PROGRESS',
    public token: string | null = 'deploy-1',
  ) {}

  async status(_stackId?: string): Promise<string> {
    return this.now;
  }

  async operation(_stackId?: string): Promise<string | null> {
    return this.token;
  }

  began = 'time:2026-11-22T00:00:00.000Z';

  async operationTime(): Promise<string> {
    return this.began;
  }

  /** What the operation that runs wants of the reason; undefined for an operation that leaves it alone. */
  reason: string | undefined;

  /** Milliseconds since the last policy was changed. */
  quiet = 0;

  async sincePolicies(): Promise<number> {
    return this.quiet;
  }

  /** Resources in progress, with the properties that the stack's events show. */
  readonly inProgress = new Map<string, Pick<WantedResource, 'status' | 'properties'>>();

  /** CloudFormation is about to send this event. */
  begin({ LogicalResourceId, RequestType, ResourceProperties }: CustomResourceEvent): void {
    const status = `${RequestType.toUpperCase()}_IN_PROGRESS`;
    this.inProgress.set(LogicalResourceId, { status, properties: ResourceProperties });
  }

  /** The stack turns back or ends: what was in progress is so no more. */
  turn(status: string): void {
    this.now = status;
    this.inProgress.clear();
  }

  async wanted(_stackId: string, logicalId: string): Promise<WantedResource | undefined> {
    const shown = this.inProgress.get(logicalId);
    if (shown !== undefined) return { operation: this.token, ...shown };
    if (this.reason === undefined) return undefined;
    return { operation: this.token, status: 'UPDATE_IN_PROGRESS', properties: { Reason: this.reason } };
  }
}

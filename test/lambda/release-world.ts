import { contentDigest } from '../../core/content/content-digest';
import { type ChainFinding, verifyChain } from '../../core/ledger/chain';
import { type LedgerRecord, parseRecord } from '../../core/ledger/record';
import type { ReviewSource } from '../../core/ledger/review-source';
import type { ModelSource } from '../../core/models/model-facts';
import type { Attributes } from '../../lambda/attributes';
import type { CustomResourceEvent } from '../../lambda/custom-resource-event';
import type { ObjectStore } from '../../lambda/object-store';
import { handlePromptAlias } from '../../lambda/prompt-alias/handler';
import { handlePromptReleasePlan } from '../../lambda/prompt-release-plan/handler';
import { event, PROMPT_ID, variant } from './events';
import type { Pause } from './schedule';
import { MemoryAlarms, MemoryBucket, MemoryModels, MemoryProfiles, MemoryPrompts, MemoryStack } from './stores';

export type Properties = Record<string, unknown>;
/**
 * Which calls can be overtaken: all, or only those that see or change what others change (the rest commutes). Where no other
 * stack is about, nobody else changes the stack's status and the alias's records: what controllers change is left.
 */
export type Pauses = 'every call' | 'shared state' | 'what controllers change';

const PREFIX = '/prompts/prod';

function fourVersions(): MemoryPrompts {
  const prompts = new MemoryPrompts(variant('draft'));
  for (const text of ['one', 'two', 'three', 'four']) prompts.add(variant(text), contentDigest(variant(text)));
  return prompts;
}

/** A stack with one alias, PROD, of a prompt with versions 1 to 4, and the real handlers of its plan and its record. */
export class ReleaseWorld {
  readonly bucket = new MemoryBucket();
  readonly stack = new MemoryStack('UPDATE_IN_PROGRESS');
  readonly waits: number[] = [];
  readonly logged: string[] = [];
  profiles = new MemoryProfiles();
  models: ModelSource = new MemoryModels();
  /** False: records that move nothing are not kept, as in a ledger that only knows releases. */
  fenced = true;
  /** Gates of the registry, as the handlers' environment holds them. */
  gates = '{}';
  /** Properties that plan and alias have besides. */
  more: Properties = {};
  /** The target that the stack's last deployment declared. */
  declared: string | undefined;
  readonly alarms = new MemoryAlarms();
  private time = Date.UTC(2026, 10, 22);

  constructor(
    readonly pauses: Pauses = 'every call',
    readonly prompts = fourVersions(),
  ) {}

  /** Told of each reading of reviews: of the folder of a group. */
  asked: (prefix: string) => void = () => {};
  /** Told of each record that is written. */
  appended: (record: LedgerRecord) => void = () => {};

  now(): number {
    return this.time;
  }

  /** Time goes by. */
  pass(milliseconds: number): void {
    this.time += milliseconds;
  }

  /** The plan's attributes for a target, as CloudFormation gets them. */
  plan(target: string, withdrawn = 'none', pause?: Pause, alias = 'PROD'): Promise<Attributes> {
    this.time += 1000;
    const properties = {
      AliasName: alias,
      Target: target,
      TargetParameter: 'P',
      CallableVersions: '2',
      WithdrawnVersions: withdrawn,
      ...this.more,
    };
    const old = this.declared === undefined ? undefined : { ...properties, Target: this.declared };
    return handlePromptReleasePlan(event('PromptReleasePlan', 'Update', properties, old), {
      ...this.deps(pause),
      alarms: this.alarms,
      prompts: this.prompts,
      profiles: this.profiles,
    });
  }

  /** The alias's properties that CloudFormation fills from the plan's attributes. */
  aliasProperties(plan: Attributes, alias = 'PROD'): Properties {
    const { Version, TargetArn, ContentDigest, ModelId, WithdrawnVersions, Revision, PlannedAt, Direction } = plan;
    const { Candidate, CandidateDigest, CandidateModel } = plan;
    const rollout = Candidate === undefined ? {} : { Candidate, CandidateDigest, CandidateModel };
    return {
      AliasName: alias,
      Version,
      VersionArn: TargetArn,
      ContentDigest,
      ModelId,
      WithdrawnVersions,
      Revision,
      PlannedAt,
      Direction,
      ...rollout,
      ...this.more,
    };
  }

  /** With nobody beside it the event is one that CloudFormation just sent; else a test says what is in progress. */
  alias(request: CustomResourceEvent, pause?: Pause): Promise<Attributes> {
    if (pause === undefined) this.stack.begin(request);
    return this.send(request, pause);
  }

  /** The event as anybody could send it. */
  send(request: CustomResourceEvent, pause?: Pause): Promise<Attributes> {
    return handlePromptAlias(request, { ...this.deps(pause), propagationSeconds: 15 });
  }

  /** A release with nobody beside it. Answers the properties the stack keeps. */
  async release(target: string, before?: Properties, withdrawn = 'none'): Promise<Properties> {
    this.stack.now = 'UPDATE_IN_PROGRESS';
    const properties = this.aliasProperties(await this.plan(target, withdrawn));
    await this.alias(event('PromptAlias', before ? 'Update' : 'Create', properties, before));
    this.stack.turn('UPDATE_COMPLETE');
    this.declared = target;
    return properties;
  }

  /** A release that comes to its record and is rolled back. */
  async failedRelease(target: string, stored: Properties, withdrawn = 'none'): Promise<void> {
    this.stack.now = 'UPDATE_IN_PROGRESS';
    const planned = this.aliasProperties(await this.plan(target, withdrawn));
    await this.alias(event('PromptAlias', 'Update', planned, stored));
    this.stack.now = 'UPDATE_ROLLBACK_IN_PROGRESS';
    await this.alias(event('PromptAlias', 'Update', stored, planned));
    this.stack.now = 'UPDATE_ROLLBACK_COMPLETE';
  }

  chain(alias = 'PROD'): { records: LedgerRecord[]; findings: ChainFinding[] } {
    const entries = [...this.bucket.objects].map(([key, body]) => ({ key, body }));
    return verifyChain(entries.filter(({ key }) => key.startsWith(`ledger/${PROMPT_ID}/${alias}/`)));
  }

  /** The version the newest record names. */
  head(): number | null {
    const [newest] = [...this.bucket.objects.keys()].filter((key) => key.startsWith('ledger/')).sort();
    return newest === undefined ? null : (parseRecord(this.bucket.objects.get(newest) ?? '').to?.version ?? null);
  }

  copy(pauses: Pauses): ReleaseWorld {
    const copy = new ReleaseWorld(pauses, this.prompts);
    for (const [key, body] of this.bucket.objects) copy.bucket.objects.set(key, body);
    copy.stack.now = this.stack.now;
    for (const [id, properties] of this.stack.inProgress) copy.stack.inProgress.set(id, properties);
    copy.time = this.time;
    copy.fenced = this.fenced;
    copy.gates = this.gates;
    copy.models = this.models;
    copy.more = this.more;
    copy.declared = this.declared;
    for (const [key, time] of this.bucket.times) copy.bucket.times.set(key, time);
    return copy;
  }

  private deps(pause?: Pause) {
    const { bucket, stack } = this;
    const isAlone = this.pauses === 'what controllers change';
    let isAsked = isAlone;
    const call = async <T>(what: string, make: () => Promise<T>, local = false): Promise<T> => {
      if (pause === undefined || (local && this.pauses !== 'every call')) return make();
      await pause(what);
      const result = await make();
      pause.saw(result);
      return result;
    };
    const store: ObjectStore & ReviewSource = {
      // Reasons are written before any alias begins, and by nobody else.
      list: (prefix, limit, after) =>
        call(
          'list',
          () => bucket.list(prefix, limit, after),
          prefix.startsWith('reasons/') || (isAlone && prefix.startsWith('ledger/')),
        ),
      listObjects: (prefix, limit, after) =>
        call(
          'reviews',
          () => {
            if (prefix.startsWith('reviews/')) this.asked(prefix);
            return bucket.listObjects(prefix, limit, after);
          },
          // Nobody asks or takes back a request while the lines run.
          prefix.endsWith('/@authors/'),
        ),
      folders: (prefix) => call('folders', () => bucket.folders(prefix)),
      // What has been written is never changed, so a read commutes with everything but the write of that key.
      read: (key) => call('read', () => bucket.read(key), bucket.objects.has(key)),
      putIfAbsent: async (key, body) => {
        const answer = await pause?.('put');
        if (!this.fenced && body.includes('"kind":"abandon"')) return 'written';
        const outcome = await bucket.putIfAbsent(key, body);
        if (outcome === 'written' && key.startsWith('ledger/')) this.appended(parseRecord(body));
        // The SDK sends a put without an answer again and then hears that the key is taken.
        const heard = answer === 'lost' ? 'taken' : outcome;
        pause?.saw(heard);
        return heard;
      },
    };
    return {
      store,
      registry: PREFIX,
      gates: this.gates,
      models: this.models,
      stack: {
        status: (stackId: string) => (isAsked ? stack.status(stackId) : call('status', () => stack.status(stackId))),
        operation: () => call('operation', () => stack.operation(), true),
        operationTime: () => stack.operationTime(),
        // While the stack goes back nothing changes what it shows until the event is answered; and what an event was sent
        // for never shows again once it is over, so asking again commutes with everything.
        wanted: (stackId: string, logicalId: string) => {
          const again = isAsked || stack.now.includes('ROLLBACK_IN_PROGRESS');
          isAsked = true;
          return again ? stack.wanted(stackId, logicalId) : call('wanted', () => stack.wanted(stackId, logicalId));
        },
        sincePolicies: () => stack.sincePolicies(),
      },
      clock: {
        now: () => this.time,
        // Sees nothing and changes nothing: the calls on both sides of it are where others get in.
        sleep: async (milliseconds: number) => void this.waits.push(milliseconds),
      },
      log: (_level: string, message: string) => void this.logged.push(message),
    };
  }
}

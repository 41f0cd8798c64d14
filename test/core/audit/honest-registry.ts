import { createHash } from 'node:crypto';
import type { AuditEvidence, ParameterWrite, StackEvidence } from '../../../core/audit/evidence';
import { type TrailEvent, trailEvent } from '../../../core/audit/trail-event';
import { contentDigest } from '../../../core/content/content-digest';
import { parameterName } from '../../../core/contract/names';
import { parseArchiveKey, reviewKey } from '../../../core/ledger/layout';
import { type ReviewKind, serializeReview } from '../../../core/ledger/review';
import type { ModelSource } from '../../../core/models/model-facts';
import type { Attributes } from '../../../lambda/attributes';
import type { CustomResourceEvent } from '../../../lambda/custom-resource-event';
import { handlePromptAlias } from '../../../lambda/prompt-alias/handler';
import { handlePromptReleasePlan } from '../../../lambda/prompt-release-plan/handler';
import { handlePromptVersion } from '../../../lambda/prompt-version/handler';
import { handleReleaseReason } from '../../../lambda/release-reason/handler';
import { event, PROMPT_ARN, PROMPT_ID, variant } from '../../lambda/events';
import {
  MemoryAlarms,
  MemoryBucket,
  MemoryModels,
  MemoryProfiles,
  MemoryPrompts,
  MemoryStack,
} from '../../lambda/stores';

export const PREFIX = '/prompts/prod';
export const PROMPT = 'financial-analysis';
export const BUCKET = 'ledger';
export const PUBLISHER = 'Prompts-PublisherRole';
export const RELEASER = 'Prompts-ReleaserRole';
const ACCOUNT = '123456789012';
const EXECUTION_ROLE = `arn:aws:iam::${ACCOUNT}:role/cdk-cfn-exec-role`;

type Properties = Record<string, unknown>;

interface StackState {
  readonly id: string;
  readonly memory: MemoryStack;
  readonly roleArn: string | null;
  reason: string;
  /** Event that began the operation under way. */
  begun: string;
  /** Properties that the stack keeps of each alias. */
  readonly aliases: Map<string, Properties>;
}

/** What somebody says about a version. */
export interface Signature {
  readonly who: string;
  /** A group. */
  readonly as: string;
  readonly kind: ReviewKind;
  readonly version: number;
  readonly alias?: string;
  readonly comment?: string | null;
}

/** Ids of the roles of the groups. */
const ROLE_IDS: Readonly<Record<string, string>> = {
  authors: 'AROAAUTHORS000000001',
  risk: 'AROARISK000000000001',
  measured: 'AROAMEASURED00000001',
};

export interface Deployment {
  readonly stack: string;
  /** Content that the stack declares, if it changes. */
  readonly text?: string;
  /** Target of each alias that this deployment has. */
  readonly targets: Readonly<Record<string, string>>;
  readonly withdrawn?: string;
  readonly reason?: string;
  /** Null: whoever deploys gives no token. */
  readonly token: string | null;
  /** After how many aliases something of the stack fails; none fails where it is left out. */
  readonly failsAfter?: number;
  /** A parameter may be put back before its alias's record is written, or after; nobody documents it. */
  readonly parametersFirst?: boolean;
}

/**
 * A registry whose history is made by the real handlers, with a CloudFormation, a Parameter Store and a CloudTrail just
 * large enough to leave behind what the real ones leave.
 */
export class HonestRegistry {
  time = Date.parse('2026-06-01T00:00:00Z');
  readonly bucket = new MemoryBucket();
  readonly prompts = new MemoryPrompts(variant('draft'));
  readonly parameters = new Map<string, ParameterWrite[]>();
  readonly events: TrailEvent[] = [];
  /** Event of the operation under which each object was written. */
  readonly begunBy = new Map<string, string>();
  private readonly written = new Map<string, number>();
  private readonly stacks = new Map<string, StackState>();

  models: ModelSource = new MemoryModels();

  /** @param gates of the registry, as its handlers' environment holds them */
  constructor(
    private readonly random: () => number,
    public gates = '{}',
  ) {}

  async deploy({
    stack: name,
    text,
    targets,
    withdrawn = 'none',
    reason,
    token,
    failsAfter,
    parametersFirst = false,
  }: Deployment): Promise<'done' | 'failed'> {
    const stack = this.stack(name);
    const isNew = stack.memory.now === '';
    stack.memory.now = isNew ? 'CREATE_IN_PROGRESS' : 'UPDATE_IN_PROGRESS';
    stack.memory.token = token;
    this.pass(20);
    this.operation(
      stack,
      isNew ? 'CreateStack' : token?.startsWith('exec') ? 'ExecuteChangeSet' : 'UpdateStack',
      token,
    );
    stack.memory.began = `time:${new Date(this.time).toISOString()}`;
    if (reason !== undefined) await this.giveReason(stack, reason);
    if (text !== undefined) await this.publish(stack, text, Object.values(targets));
    const done: { alias: string; before: Properties | undefined; after: Properties; value: string | undefined }[] = [];
    let failed = false;
    for (const alias of shuffled(Object.keys(targets), this.random)) {
      if (failsAfter === done.length) {
        failed = true;
        break;
      }
      const before = stack.aliases.get(alias);
      const after = await this.plan(stack, alias, targets[alias] ?? 'none', withdrawn).catch(() => undefined);
      if (!after) {
        failed = true;
        break;
      }
      this.pass(5);
      await this.send(stack, this.aliasEvent(stack, before ? 'Update' : 'Create', alias, after, before));
      this.pass(3);
      const value = this.parameters.get(nameOf(alias))?.at(-1)?.value;
      done.push({ alias, before, after, value });
      // The last step may be the one that fails: then the record is written and the parameter is not.
      if (failsAfter === done.length && this.random() < 0.5) {
        failed = true;
        break;
      }
      this.setParameter(stack, alias, String(after.VersionArn));
    }
    if (!failed && failsAfter === undefined) {
      for (const { alias, after } of done) stack.aliases.set(alias, after);
      stack.memory.now = isNew ? 'CREATE_COMPLETE' : 'UPDATE_COMPLETE';
      return 'done';
    }
    stack.memory.now = isNew ? 'ROLLBACK_IN_PROGRESS' : 'UPDATE_ROLLBACK_IN_PROGRESS';
    for (const { alias, before, after, value } of shuffled(done, this.random)) {
      const restore = () =>
        value === undefined ? this.deleteParameter(stack, alias) : this.setParameter(stack, alias, value);
      this.pass(60);
      if (parametersFirst) restore();
      this.pass(60);
      const back = before
        ? this.aliasEvent(stack, 'Update', alias, before, after)
        : this.aliasEvent(stack, 'Delete', alias, after);
      await this.send(stack, back);
      this.pass(60);
      if (!parametersFirst) restore();
    }
    stack.memory.now = isNew ? '' : 'UPDATE_ROLLBACK_COMPLETE';
    return 'failed';
  }

  /** A later deployment that moves PROD, and STAGING to the newest version: the one of the text, where there is one. */
  async release(prod: string, text?: string): Promise<void> {
    this.pass(40_000);
    const outcome = await this.deploy({
      stack: 'Prompts',
      token: `exec-${this.time}`,
      ...(text !== undefined && { text }),
      targets: { PROD: prod, STAGING: String(this.prompts.highest + (text === undefined ? 0 : 1)) },
    });
    if (outcome !== 'done') throw new Error(`version ${prod} was not released`);
  }

  /** Somebody writes a review with the session that its key names. */
  sign({ who, as, kind, version, alias = 'PROD', comment = null }: Signature, more: object = {}): string {
    const digest = this.digestOf(version);
    const address = { promptId: PROMPT_ID, alias, digest, group: as, signer: `${ROLE_IDS[as]}:${who}` };
    let number = 1;
    while (this.bucket.objects.has(reviewKey({ ...address, number }))) number += 1;
    const key = reviewKey({ ...address, number });
    const names = { registry: PREFIX, promptId: PROMPT_ID, prompt: PROMPT, alias };
    const said = { version, live: null, comment, time: new Date(this.time).toISOString() };
    const body = serializeReview({ schema: 1, kind, group: as, digest, ...names, ...said, ...more });
    this.bucket.objects.set(key, body);
    this.bucket.times.set(key, Math.floor(this.time / 1000) * 1000);
    this.written.set(key, Math.floor(this.time / 1000) * 1000);
    const identity = { ...this.session(as, who), principalId: address.signer };
    this.record('PutObject', 's3', identity, { bucketName: BUCKET, key });
    return key;
  }

  /** Of a version that was published once, whether or not Bedrock still holds it. */
  digestOf(version: number): string {
    const key = [...this.bucket.objects.keys()].find((one) => parseArchiveKey(one)?.version === version);
    return (key && parseArchiveKey(key)?.digest) || '';
  }

  /** An alias is taken out of the app: its parameter goes, then its record is closed. */
  async remove(name: string, alias: string): Promise<void> {
    const stack = this.stack(name);
    const before = stack.aliases.get(alias);
    if (!before) return;
    stack.memory.now = 'UPDATE_IN_PROGRESS';
    stack.memory.token = `exec-${this.time}`;
    this.operation(stack, 'ExecuteChangeSet', stack.memory.token);
    this.deleteParameter(stack, alias);
    this.pass(5);
    await this.send(stack, this.aliasEvent(stack, 'Delete', alias, before));
    stack.aliases.delete(alias);
    stack.memory.now = 'UPDATE_COMPLETE';
  }

  pass(seconds: number): void {
    this.time += Math.ceil(seconds * 1000 * (0.1 + this.random()));
  }

  evidence(): AuditEvidence {
    const now = this.time + 3_600_000;
    const stacks = new Map<string, StackEvidence>();
    for (const { id, roleArn, memory } of this.stacks.values())
      stacks.set(id, { stackId: id, roleArn, status: memory.now || null });
    const held = [...this.prompts.made].map(([version, { variant: content }]) => ({
      version,
      digest: contentDigest(content),
      created: null,
    }));
    const aliases = new Set([
      ...this.parameters.keys(),
      ...[...this.bucket.objects.keys()].flatMap((key) =>
        key.startsWith('ledger/') ? nameOf(key.split('/')[2] ?? '') : [],
      ),
    ]);
    return {
      ...{ now: new Date(now).toISOString(), bucket: BUCKET, publisher: PUBLISHER, releaser: RELEASER, stacks },
      objects: [...this.bucket.objects].map(([key, body]) => ({
        key,
        body,
        versions: [{ versionId: `v-${key}`, time: new Date(this.written.get(key) ?? 0).toISOString(), marker: false }],
      })),
      held: new Map([[PROMPT_ID, held]]),
      parameters: [...aliases].map((name) => {
        const alias = name.slice(name.lastIndexOf('/') + 1);
        return { name, promptId: PROMPT_ID, alias, stackId: null, history: this.parameters.get(name) ?? null };
      }),
      trail: {
        from: new Date(Date.parse('2026-05-20T00:00:00Z')).toISOString(),
        to: new Date(now).toISOString(),
        events: this.events,
        withDataEvents: true,
      },
      files: { place: 's3://trail/', files: 10, compared: 10, problems: [] },
    };
  }

  /** One event of CloudTrail, in AWS's own shape. */
  record(
    name: string,
    source: string,
    identity: object,
    requestParameters: object,
    responseElements: object | null = null,
    more: object = {},
  ): TrailEvent {
    const eventID = createHash('sha256').update(`${this.events.length} ${name}`).digest('hex').slice(0, 36);
    const eventTime = `${new Date(this.time).toISOString().slice(0, 19)}Z`;
    const event = trailEvent({
      eventID,
      eventTime,
      eventName: name,
      eventSource: `${source}.amazonaws.com`,
      awsRegion: 'us-east-1',
      userIdentity: identity,
      requestParameters,
      responseElements,
      ...more,
    });
    if (!event) throw new Error('no event');
    this.events.push(event);
    return event;
  }

  private stack(name: string): StackState {
    const id = `arn:aws:cloudformation:us-east-1:${ACCOUNT}:stack/${name}/0f0e`;
    const known = this.stacks.get(name) ?? {
      id,
      memory: new MemoryStack('', null),
      roleArn: name === 'Other' ? null : EXECUTION_ROLE,
      reason: '',
      begun: '',
      aliases: new Map(),
    };
    this.stacks.set(name, known);
    return known;
  }

  private async giveReason(stack: StackState, reason: string): Promise<void> {
    stack.memory.reason = reason;
    const request = event('PromptAlias', 'Update', { Reason: reason }, { Reason: stack.reason });
    stack.memory.begin(request);
    await handleReleaseReason({ ...request, StackId: stack.id }, this.deps(stack, RELEASER));
    stack.reason = reason;
    stack.memory.reason = undefined;
  }

  private async publish(stack: StackState, text: string, targets: string[]): Promise<void> {
    this.prompts.draft = variant(text);
    this.record('UpdatePrompt', 'bedrock', this.execution(stack), { promptIdentifier: PROMPT_ID });
    const properties = {
      ContentDigest: contentDigest(variant(text)),
      VersionNote: '',
      KeepVersions: [],
      Targets: targets,
      CallableVersions: '2',
    };
    const request = { ...event('PromptVersion', 'Create', properties), StackId: stack.id };
    stack.memory.begin(request);
    await handlePromptVersion(request, {
      ...this.deps(stack, PUBLISHER),
      prompts: this.recordedPrompts(),
      registry: PREFIX,
    }).catch(() => undefined);
    this.pass(10);
  }

  private async plan(stack: StackState, alias: string, target: string, withdrawn: string): Promise<Properties> {
    this.pass(2);
    const properties = {
      AliasName: alias,
      Target: target,
      TargetParameter: 'P',
      CallableVersions: '2',
      WithdrawnVersions: withdrawn,
    };
    const request = { ...event('PromptReleasePlan', 'Update', properties), StackId: stack.id };
    const plan: Attributes = await handlePromptReleasePlan(request, {
      ...this.deps(stack, RELEASER),
      prompts: this.prompts,
      profiles: new MemoryProfiles(),
      models: this.models,
      alarms: new MemoryAlarms(),
      registry: PREFIX,
      gates: this.gates,
    });
    const { Version, TargetArn, ContentDigest, ModelId, WithdrawnVersions, Revision, PlannedAt, Direction } = plan;
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
    };
  }

  private aliasEvent(
    stack: StackState,
    type: CustomResourceEvent['RequestType'],
    alias: string,
    properties: Properties,
    old?: Properties,
  ): CustomResourceEvent {
    const LogicalResourceId = `Alias${alias}`;
    return {
      ...event('PromptAlias', type, properties, type === 'Update' ? old : undefined),
      StackId: stack.id,
      LogicalResourceId,
    };
  }

  private send(stack: StackState, request: CustomResourceEvent): Promise<unknown> {
    stack.memory.begin(request);
    return handlePromptAlias(request, {
      ...this.deps(stack, RELEASER),
      registry: PREFIX,
      gates: this.gates,
      models: this.models,
      propagationSeconds: 15,
    }).catch(() => undefined);
  }

  private deps(stack: StackState, role: string) {
    const { bucket } = this;
    const store = {
      list: (prefix: string, limit: number, after?: string) => bucket.list(prefix, limit, after),
      listObjects: (prefix: string, limit: number, after?: string) => bucket.listObjects(prefix, limit, after),
      folders: (prefix: string) => bucket.folders(prefix),
      read: (key: string) => bucket.read(key),
      putIfAbsent: async (key: string, body: string) => {
        const outcome = await bucket.putIfAbsent(key, body);
        if (outcome === 'taken') return outcome;
        this.begunBy.set(key, stack.begun);
        this.written.set(key, Math.floor(this.time / 1000) * 1000 + 1000);
        this.record('PutObject', 's3', this.session(role), { bucketName: BUCKET, key });
        return outcome;
      },
    };
    const sleep = async (milliseconds: number) => {
      this.time += milliseconds;
    };
    return { store, stack: stack.memory, clock: { now: () => this.time, sleep }, log: () => {} };
  }

  private recordedPrompts() {
    const { prompts } = this;
    const recorded = Object.create(prompts) as MemoryPrompts;
    recorded.createVersion = async (id, description, token) => {
      const before = prompts.highest;
      const version = await prompts.createVersion(id, description, token);
      if (prompts.highest > before)
        this.record(
          'CreatePromptVersion',
          'bedrock',
          this.session(PUBLISHER),
          { promptIdentifier: PROMPT_ID },
          { arn: `${PROMPT_ARN}:${version}`, version: String(version) },
        );
      return version;
    };
    recorded.deleteVersion = async (id, version) => {
      await prompts.deleteVersion(id, version);
      this.record('DeletePrompt', 'bedrock', this.session(PUBLISHER), {
        promptIdentifier: PROMPT_ID,
        promptVersion: String(version),
      });
    };
    return recorded;
  }

  private setParameter(stack: StackState, alias: string, value: string): void {
    const name = nameOf(alias);
    const history = this.parameters.get(name) ?? [];
    if (history.at(-1)?.value === value) return;
    const version = (history.at(-1)?.version ?? 0) + 1;
    const user = stack.roleArn
      ? `arn:aws:sts::${ACCOUNT}:assumed-role/cdk-cfn-exec-role/AWSCloudFormation`
      : `arn:aws:iam::${ACCOUNT}:user/alice`;
    this.parameters.set(
      name,
      [...history, { version, value, time: new Date(this.time).toISOString(), user }].slice(-100),
    );
    this.record('PutParameter', 'ssm', this.execution(stack), { name, overwrite: version > 1 }, { version });
  }

  private deleteParameter(stack: StackState, alias: string): void {
    if (!this.parameters.delete(nameOf(alias))) return;
    this.record('DeleteParameter', 'ssm', this.execution(stack), { name: nameOf(alias) });
  }

  private operation(stack: StackState, name: string, token: string | null): void {
    const person = {
      type: 'IAMUser',
      arn: `arn:aws:iam::${ACCOUNT}:user/alice`,
      accountId: ACCOUNT,
      userName: 'alice',
    };
    const request = { stackName: stack.id, ...(token !== null && { clientRequestToken: token }) };
    stack.begun = this.record(name, 'cloudformation', person, request).id;
  }

  private execution({ roleArn }: StackState) {
    const invokedBy = 'cloudformation.amazonaws.com';
    return roleArn
      ? { ...this.session('cdk-cfn-exec-role', 'AWSCloudFormation'), invokedBy }
      : { type: 'IAMUser', arn: `arn:aws:iam::${ACCOUNT}:user/alice`, invokedBy };
  }

  session(role: string, name = 'session') {
    const arn = `arn:aws:iam::${ACCOUNT}:role/${role}`;
    return {
      type: 'AssumedRole',
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${name}`,
      accountId: ACCOUNT,
      sessionContext: { sessionIssuer: { type: 'Role', arn } },
    };
  }
}

function nameOf(alias: string): string {
  return parameterName(PREFIX, PROMPT, alias);
}

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  return values
    .map((value) => [random(), value] as const)
    .sort(([a], [b]) => a - b)
    .map(([, value]) => value);
}

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What a random history held, to see that random ones hold everything. */
export interface Happened {
  readonly registry: HonestRegistry;
  readonly what: ReadonlySet<string>;
}

/** Releases, rollbacks, withdrawals, failed deployments, pruned versions, removed and returning aliases, two stacks, with tokens and without. */
export async function honestHistory(seed: number, steps = 25): Promise<Happened> {
  const random = seeded(seed);
  const registry = new HonestRegistry(random);
  const what = new Set<string>();
  let [text, prod, canary, other] = ['text 0', 'none', 'none', 'none'];
  let withdrawn = 'none';
  let hasCanary = random() < 0.5;
  const digest = () => contentDigest(variant(text));
  const pick = () => String(1 + Math.floor(random() * Math.max(1, registry.prompts.highest)));
  for (let step = 0; step < steps; step++) {
    registry.pass(random() < 0.3 ? 86_400 : 900);
    const turn = random();
    const token = random() < 0.3 ? null : `${random() < 0.5 ? 'exec' : 'token'}-${seed}-${step}`;
    if (token === null) what.add('no token');
    if (turn < 0.1 && hasCanary) {
      await registry.remove('Prompts', 'CANARY');
      [hasCanary, canary] = [false, 'none'];
      what.add('removed');
      continue;
    }
    if (turn < 0.2) {
      other = pick();
      await registry.deploy({ stack: 'Other', targets: { OTHER: other }, withdrawn, token });
      what.add('second stack');
      continue;
    }
    if (turn < 0.25 && !hasCanary) hasCanary = true;
    const before = { text, prod, canary, withdrawn };
    const changed = random() < 0.5;
    if (changed) text = random() < 0.8 ? `text ${step}` : 'text 0';
    if (random() < 0.6) prod = pick();
    if (hasCanary && random() < 0.4) canary = pick();
    if (random() < 0.15 && registry.prompts.highest > 1) withdrawn = withdrawn === 'none' ? pick() : 'none';
    if (prod === withdrawn || canary === withdrawn) withdrawn = 'none';
    if (withdrawn !== before.withdrawn) what.add('withdrawal');
    const fails = random() < 0.25;
    const deletions = registry.prompts.deleted.length;
    await registry.deploy({
      ...{ stack: 'Prompts', token, withdrawn, parametersFirst: random() < 0.5 },
      ...(changed || step === 0 ? { text } : {}),
      targets: { STAGING: digest(), PROD: prod, ...(hasCanary && { CANARY: canary }) },
      ...(random() < 0.3 && { reason: `because ${step}` }),
      ...(fails && { failsAfter: Math.floor(random() * 3) }),
    });
    if (registry.prompts.deleted.length > deletions) what.add('pruned');
    if (fails) {
      what.add('failed');
      ({ text, prod, canary, withdrawn } = before);
    }
  }
  return { registry, what };
}

import {
  CancelUpdateStackCommand,
  ContinueUpdateRollbackCommand,
  DeleteStackCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { zipSync } from 'fflate';
import { parseRecord } from '../../core/ledger/record';
import { isBack } from '../../core/release/ground';
import { Deployer, type LocalAws, startLocalAws } from '../../packages/local-aws';
import { Account, ALIASES, type AliasName, type Chain, type HeldVersion } from './account';
import {
  ASSETS,
  PREFIX,
  PROMPT,
  SHORT_WAITS,
  STACK,
  synthesizeExample,
  type Template,
  textOf,
  withCode,
  withPreloaded,
} from './example-stack';
import { HANDLER_NAMES, type HandlerBundles } from './handler-bundles';
import {
  contentOf,
  creation,
  type Deployment,
  digestOf,
  PROD_PARAMETER,
  REASON_PARAMETER,
  type Situation,
  type UpdateName,
  update,
} from './operations';
import { Random } from './random';
import { Reviewers } from './reviewers';
import { callableOf, described, existing, nowhere, remembering, type State, targetOf } from './state';
import { type Trouble, Troublemaker } from './trouble';

/** What a world is made with; mutants differ in it. */
export interface WorldOptions {
  readonly bundles: HandlerBundles;
  readonly changeTemplate?: (template: Template) => void;
  /** Whether PROD has a gate. @default false */
  readonly isGated?: boolean;
  /** Whether the handlers pause a tenth as long. @default false */
  readonly hasShortWaits?: boolean;
}

/** What came of one run. */
export interface RunResult {
  /** How the operation ended, then the deployment after it. */
  readonly story: readonly string[];
  /** Empty when all laws held. */
  readonly wrong: readonly string[];
}

export type OperationName = UpdateName | 'first create' | 'delete';

/** One account with one registry, and what should be in it. */
export class World {
  private state: State = nowhere;
  private stackId = '';
  private bucket = '';
  private promptId = '';
  private turn = 0;
  /** Whether there are versions enough for every operation, one of them made by hand. */
  private isReady = false;
  /** Ledger buckets and prompts of stacks that are gone; they stay. */
  private readonly left: { bucket: string; promptId: string }[] = [];
  private readonly bodies = new Map<string, readonly string[]>();
  private readonly byHand = new Map<string, number>();
  private neighbours = '';
  private wrong: string[] = [];
  private story: string[] = [];
  private status = '';
  private reviewers: Reviewers | undefined;
  private readonly deployer: Deployer;
  private readonly account: Account;

  private constructor(
    private readonly aws: LocalAws,
    private readonly trouble: Troublemaker,
    private readonly options: WorldOptions,
    heart: { world?: World },
  ) {
    heart.world = this;
    this.deployer = new Deployer(aws);
    this.account = new Account(aws);
    aws.interceptors.push(trouble.interceptor, (call) => this.watchPointers(call));
  }

  static async start(options: WorldOptions): Promise<World> {
    const heart: { world?: World } = {};
    const trouble = new Troublemaker({
      cancel: async () => heart.world?.cancel(),
      isGoingBack: () => heart.world?.status.includes('ROLLBACK') ?? false,
    });
    const aws = await startLocalAws({
      cloudFormation: trouble.adversary,
      lambda: { retryDelaysMs: [50] },
      logDirectory: process.env.FAULTS_LOGS,
    });
    const world = new World(aws, trouble, options, heart);
    if (options.isGated) world.reviewers = await Reviewers.of(aws);
    await world.account.s3.send(new CreateBucketCommand({ Bucket: ASSETS }));
    for (const handler of HANDLER_NAMES) {
      const Body = zipSync({ 'index.js': Buffer.from(options.bundles[handler]) }, { level: 0 });
      await world.account.s3.send(new PutObjectCommand({ Bucket: ASSETS, Key: `${handler}.zip`, Body }));
    }
    await world.account.settleNeighbours();
    world.neighbours = await world.account.neighbours();
    return world;
  }

  stop(): Promise<void> {
    this.trouble.release();
    return this.aws.stop();
  }

  /** One run: brings the stack to where the operation can begin, makes it under the trouble, checks, deploys again, checks. */
  async run(operation: OperationName, trouble: Trouble, seed: number): Promise<RunResult> {
    const random = new Random(seed);
    this.wrong = [];
    this.story = [];
    this.trouble.story.length = 0;
    if (operation === 'first create') {
      await this.firstCreate(trouble, seed, random);
    } else {
      await this.exist(random);
      if (operation === 'delete') {
        await this.delete(trouble, seed, random);
      } else {
        await this.update(operation, trouble, seed, random);
      }
    }
    if (this.wrong.length > 0) this.story.push(...(await this.ledgerStory()));
    const toldByTrouble = this.trouble.story.map((line) => `(${line})`);
    return { story: [...toldByTrouble, ...this.story], wrong: [...new Set(this.wrong)] };
  }

  private async update(name: UpdateName, trouble: Trouble, seed: number, random: Random): Promise<void> {
    const before = this.state;
    const first = await this.underGate(update(name, await this.situation(random)), trouble, random);
    this.trouble.arm(this.at(trouble, first), seed);
    const isDone = await this.deploy(name, first);
    if (first.isRefused && isDone) {
      this.wrong.push(`${name} succeeded, though it must be refused`);
    }
    this.state = isDone ? await this.afterwards(first) : before;
    const waitsForNext = trouble.kind === 'late' && trouble.until === 'the next operation';
    if (!waitsForNext) {
      this.trouble.release();
    }
    await this.check(`after ${name}`);
    if (!waitsForNext) {
      await this.aws.idle();
      await this.check(`after ${name} and its late events`);
    }
    if (this.wrong.length > 0) return;

    this.trouble.disarm();
    // The same once more, or something else: a call that hangs since then must not bring back what was given up.
    const isAgain = !isDone && !first.isRefused && random.below(2) === 0;
    const other = /release/.test(name) ? 'content change' : 'release';
    const next = isAgain ? this.again(first) : update(other, await this.situation(random));
    const what = isAgain ? `${name} again` : other;
    const letGo = this.aws.calls.length;
    const deployed = this.deploy(what, next, () => this.releaseOnce(letGo));
    if (await deployed) {
      this.state = await this.afterwards(next);
    } else {
      this.wrong.push(`${what} after ${name} did not succeed: ${await this.reason()}`);
    }
    this.trouble.release();
    await this.check(`after ${what}`);
    await this.aws.idle();
    await this.check(`after ${what} and its late events`);
  }

  private async firstCreate(trouble: Trouble, seed: number, random: Random): Promise<void> {
    if (this.stackId) await this.vanish();
    const wanted = creation({ random, turn: ++this.turn }, this.options.isGated);
    this.trouble.arm(this.at(trouble, wanted), seed);
    const isDone = await this.deploy('first create', wanted);
    if (isDone) {
      this.state = await this.afterwards(wanted);
      await this.account.employ(true);
      await this.check('after first create');
    } else {
      this.state = nowhere;
      const isGone = this.status === 'ROLLBACK_COMPLETE';
      if (isGone) await this.check('after a first create that failed');
      this.trouble.disarm();
      await this.vanish();
      await this.check('after the stack that failed was deleted');
    }
    this.trouble.release();
    await this.aws.idle();
    await this.check('after late events');
    if (isDone || this.wrong.length > 0) return;
    await this.create('first create again', this.again(wanted));
  }

  private async delete(trouble: Trouble, seed: number, random: Random): Promise<void> {
    this.trouble.arm(trouble.kind === 'none' ? trouble : this.at(trouble), seed);
    await this.account.employ(false);
    await this.remove();
    if (this.status === 'DELETE_FAILED') {
      // What was deleted so far stays deleted; whatever is left must hold together.
      await this.checkChains('after a delete that failed', undefined);
      this.trouble.disarm();
      await this.remove();
    }
    await this.forget();
    await this.check('after delete');
    await this.aws.idle();
    await this.check('after delete and its late events');
    this.trouble.disarm();
    if (this.wrong.length === 0) await this.exist(random);
  }

  /** Makes sure there is a stack in which everything stands somewhere. */
  private async exist(random: Random): Promise<void> {
    if (this.isReady) return;
    this.trouble.arm({ kind: 'none' }, random.below(2 ** 31));
    if (!this.stackId) await this.create('create', creation({ random, turn: ++this.turn }, this.options.isGated));
    if (this.wrong.length > 0) return;
    this.isReady = true;
    this.byHand.set(this.promptId, await this.account.makeVersionByHand(this.promptId));
    for (const name of ['content change', 'release', 'content change'] as const) {
      const deployment = update(name, await this.situation(random));
      if (!(await this.deploy(name, deployment))) {
        this.wrong.push(`${name} did not succeed: ${await this.reason()}`);
        return;
      }
      this.state = await this.afterwards(deployment);
    }
    await this.aws.idle();
    await this.check('after the stack was made ready');
  }

  private async create(what: string, deployment: Deployment): Promise<void> {
    if (await this.deploy(what, deployment)) {
      this.state = await this.afterwards(deployment);
      await this.account.employ(true);
    } else {
      this.wrong.push(`${what} did not succeed: ${await this.reason()}`);
    }
    await this.check(`after ${what}`);
  }

  /** Deletes the stack, as often as it takes. */
  private async vanish(): Promise<void> {
    await this.account.employ(false);
    this.trouble.disarm();
    for (let tries = 0; tries < 3 && this.status !== 'DELETE_COMPLETE'; tries += 1) {
      await this.remove();
    }
    if (this.status !== 'DELETE_COMPLETE') {
      this.wrong.push(`the stack cannot be deleted: ${await this.reason()}`);
    }
    await this.forget();
  }

  private async remove(): Promise<void> {
    await this.deployer.cloudFormation.send(new DeleteStackCommand({ StackName: this.stackId }));
    await this.settled('delete');
  }

  private async forget(): Promise<void> {
    if (this.promptId) this.left.push({ bucket: this.bucket, promptId: this.promptId });
    if (this.promptId && (await this.account.versions(this.promptId))) {
      await this.account.rename(this.promptId, `left-${this.left.length}`);
    }
    this.isReady = false;
    this.stackId = '';
    this.bucket = '';
    this.promptId = '';
    this.state = nowhere;
  }

  /** Creates or updates the stack, continues rollbacks that fail; whether it succeeded. */
  private async deploy(what: string, deployment: Deployment, onTheWay: () => void = () => {}): Promise<boolean> {
    const { account, region } = this.aws;
    const template = synthesizeExample(this.gated(deployment.app), account, region);
    withCode(template, (handler) => `${handler}.zip`);
    if (this.options.hasShortWaits) withPreloaded(template, SHORT_WAITS);
    this.options.changeTemplate?.(template);
    await this.review(deployment);
    const isNew = !this.stackId;
    const recordsBefore = await this.recordCounts();
    const { parameters, reset } = deployment;
    this.status = isNew ? 'CREATE_IN_PROGRESS' : 'UPDATE_IN_PROGRESS';
    this.stackId = await this.deployer.begin(STACK, JSON.stringify(template), { parameters, reset });
    await this.settled(what, onTheWay);
    for (let tries = 0; this.status === 'UPDATE_ROLLBACK_FAILED' && tries < 3; tries += 1) {
      this.story.push(`rollback failed: ${await this.reason()}`);
      this.trouble.disarm();
      this.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
      await this.deployer.cloudFormation.send(new ContinueUpdateRollbackCommand({ StackName: STACK }));
      await this.settled('continued rollback', onTheWay);
    }
    await this.findResources();
    const isDone = this.status === 'CREATE_COMPLETE' || this.status === 'UPDATE_COMPLETE';
    if (isDone) await this.checkReasons(what, deployment, recordsBefore);
    const expected = ['UPDATE_ROLLBACK_COMPLETE', 'ROLLBACK_COMPLETE', 'ROLLBACK_FAILED'];
    if (!isDone && !expected.includes(this.status)) {
      this.wrong.push(`${what} ended in ${this.status}: ${await this.reason()}`);
    }
    return isDone;
  }

  private gated(app: Deployment['app']): Deployment['app'] {
    return this.options.isGated ? { ...app, isGated: true } : app;
  }

  /** Where PROD is to go; undefined where it stays or goes nowhere. */
  private async moveOfProd({ parameters }: Deployment): Promise<{ target: string; version: number } | undefined> {
    const target = parameters[PROD_PARAMETER];
    if (target === undefined || target === 'none') return undefined;
    const isIt = (held: HeldVersion) => String(held.version) === target || digestOf(contentOf(held) ?? -1) === target;
    const version = (await this.held()).find(isIt)?.version;
    return version === undefined || version === targetOf(this.state, 'PROD') ? undefined : { target, version };
  }

  /** One release in four is rejected; what goes back must succeed all the same, and with reviews that cannot be read. */
  private async underGate(deployment: Deployment, trouble: Trouble, random: Random): Promise<Deployment> {
    const move = this.reviewers && (await this.moveOfProd(deployment));
    if (!move) return deployment;
    const isRejected = random.below(4) === 0;
    const isUnreadable = trouble.kind === 'reviews' && trouble.how !== 'slow';
    const chain = (await this.account.chains(this.bucket)).get(`${this.promptId}/PROD`);
    const isFree = await isBack(move.version, [...(chain?.records ?? [])].reverse());
    this.story.push(
      `PROD goes ${isFree ? 'back' : 'forward'} to ${move.version}, ${isRejected ? 'rejected' : 'agreed'}`,
    );
    const isStopped = !isFree && (isRejected || isUnreadable);
    return { ...deployment, isRejected, isRefused: deployment.isRefused === true || isStopped };
  }

  /** Everybody says of a release of PROD what they have to say. */
  private async review(deployment: Deployment): Promise<void> {
    const move = this.reviewers && (await this.moveOfProd(deployment));
    if (!move) return;
    const asked = { bucket: this.bucket, promptId: this.promptId, target: move.target };
    await (deployment.isRejected ? this.reviewers?.reject(asked) : this.reviewers?.agree(asked));
  }

  private async settled(what: string, onTheWay: () => void = () => {}): Promise<void> {
    this.status = await this.deployer.settled(this.stackId, (status) => {
      this.status = status;
      onTheWay();
    });
    this.story.push(`${what}: ${this.status}`);
  }

  private async cancel(): Promise<void> {
    const command = new CancelUpdateStackCommand({ StackName: STACK });
    await this.deployer.cloudFormation.send(command).catch((error: Error) => {
      if (error.name !== 'ValidationError') throw error;
    });
    const { Stacks } = await this.deployer.cloudFormation.send(
      new DescribeStacksCommand({ StackName: this.stackId || STACK }),
    );
    this.status = Stacks?.[0]?.StackStatus ?? '';
  }

  /** A call that hung since the operation before goes through once this one's handlers are at work. */
  private releaseOnce(callsBefore: number): void {
    const atWork = this.aws.calls.slice(callsBefore).some(({ principalArn }) => principalArn.includes('PlanHandler'));
    if (atWork) this.trouble.release();
  }

  private async findResources(): Promise<void> {
    const command = new DescribeStackResourcesCommand({ StackName: this.stackId });
    const { StackResources = [] } = await this.deployer.cloudFormation.send(command);
    const id = (type: string) =>
      StackResources.find(({ ResourceType }) => ResourceType === type)?.PhysicalResourceId ?? '';
    this.bucket = id('AWS::S3::Bucket') || this.bucket;
    this.promptId = id('AWS::Bedrock::Prompt').split('/').pop() || this.promptId;
  }

  private async reason(): Promise<string> {
    const failed = (await this.deployer.events(this.stackId)).find(
      ({ ResourceStatus, ResourceStatusReason, ResourceType }) =>
        ResourceType !== 'AWS::CloudFormation::Stack' &&
        ResourceStatus?.endsWith('FAILED') &&
        !/cancelled/.test(ResourceStatusReason ?? ''),
    );
    return `${failed?.LogicalResourceId}: ${failed?.ResourceStatusReason}`;
  }

  private async situation(random: Random): Promise<Situation> {
    const held = await this.held();
    return { state: this.state, held, random, turn: ++this.turn };
  }

  private async held(): Promise<HeldVersion[]> {
    return (this.promptId && (await this.account.versions(this.promptId))) || [];
  }

  private again(deployment: Deployment): Deployment {
    this.turn += 1;
    const beside = { SiblingValue: `v${this.turn}`, LastSiblingValue: `v${this.turn}` };
    return { ...deployment, parameters: { ...deployment.parameters, ...beside } };
  }

  private async afterwards(deployment: Deployment): Promise<State> {
    const held = await this.held();
    const state = deployment.after((content) => {
      const [version, ...more] = held.filter(({ text }) => text === textOf(content)).map((each) => each.version);
      if (more.length > 0) this.wrong.push(`content ${content} has several versions: ${[version, ...more].join(', ')}`);
      return version ?? Number.NaN;
    });
    return remembering(state);
  }

  /** The trouble at the resource's real logical id. */
  private at(trouble: Trouble, deployment?: Deployment): Trouble {
    if (!('logicalId' in trouble)) return trouble;
    const { account, region } = this.aws;
    const app = deployment?.app ?? { content: this.state.content, canary: this.state.stood.CANARY !== undefined };
    const ids = Object.keys(synthesizeExample(this.gated(app), account, region).Resources);
    const role = new RegExp(`^${trouble.logicalId}([0-9A-F]{8})?$`);
    return { ...trouble, logicalId: ids.find((id) => role.test(id)) ?? trouble.logicalId };
  }

  /** All laws; `isOver` asks as a caller as well, and looks after the neighbours. */
  private async check(when: string, isOver = when.endsWith('late events')): Promise<void> {
    const { state, account } = this;
    const say = (what: string) => this.wrong.push(`${when}: ${what} [should be ${described(state)}]`);
    const held = await this.held();
    const numbers = held.map(({ version }) => version);
    const pointers = await account.pointers();
    for (const alias of ALIASES) {
      const target = targetOf(state, alias);
      const arn = (version: number) => `${this.promptArn}:${version}`;
      const isThere = existing(state).includes(alias);
      const expected = isThere ? (target === null ? 'none' : arn(target)) : undefined;
      if (pointers[alias] !== expected) say(`${alias} names ${short(pointers[alias])}, not ${short(expected)}`);

      const allowed = await account.allowed(alias);
      const exists = (version: number) => numbers.includes(version);
      const callable = isThere ? callableOf(state, alias, exists) : undefined;
      const found = allowed?.map((one) => Number(one.split(':').pop())).filter(exists);
      if (String(found?.sort(ascending)) !== String(callable?.sort(ascending))) {
        say(
          `callers of ${alias} may use ${found?.join(', ') ?? 'no policy'}, not ${callable?.join(', ') ?? 'no policy'}`,
        );
      }
      if (allowed?.some((one) => !one.startsWith(`${this.promptArn}:`))) say(`callers of ${alias} may use ${allowed}`);
      if (isOver && alias !== 'CANARY' && isThere) await this.checkCallers(alias, callable ?? [], numbers, say);
    }
    await this.checkChains(when, state);
    const byHand = this.byHand.get(this.promptId);
    if (byHand !== undefined && !numbers.includes(byHand)) say(`version ${byHand}, made by hand, is gone`);
    for (const { promptId } of this.left) {
      const versions = await account.versions(promptId);
      const kept = this.byHand.get(promptId);
      if (kept !== undefined && !versions?.some(({ version }) => version === kept)) {
        say(`the prompt ${promptId} of a deleted stack lost version ${kept}`);
      }
    }
    if (held.length > 10) say(`there are ${held.length} versions`);
    if (isOver && (await account.neighbours()) !== this.neighbours) say('something of the neighbours changed');
  }

  private async checkCallers(
    alias: AliasName,
    callable: readonly number[],
    held: readonly number[],
    say: (what: string) => void,
  ): Promise<void> {
    const forbidden = held.find((version) => !callable.includes(version));
    const questions: [string, boolean][] = [
      [this.promptId, false],
      ...callable.map((version): [string, boolean] => [`${this.promptArn}:${version}`, true]),
      ...(forbidden === undefined ? [] : [[`${this.promptArn}:${forbidden}`, false] as [string, boolean]]),
    ];
    for (const [identifier, expected] of questions) {
      const answer = await this.account.answers(alias, identifier);
      if (answer !== expected) say(`a caller of ${alias} gets ${answer ? 'an answer' : 403} for ${short(identifier)}`);
    }
  }

  private async recordCounts(): Promise<Map<string, number>> {
    const chains = this.bucket ? await this.account.chains(this.bucket) : new Map<string, Chain>();
    return new Map([...chains].map(([name, { records }]) => [name, records.length]));
  }

  /** What moved carries the words of this deployment, and none where it had none: those of last time count for nothing. */
  private async checkReasons(what: string, { parameters }: Deployment, before: Map<string, number>): Promise<void> {
    const given = parameters[REASON_PARAMETER] ?? null;
    for (const [name, { records }] of await this.account.chains(this.bucket)) {
      for (const { sequence, kind, undo, reason } of records.slice(before.get(name) ?? 0)) {
        if (undo || kind === 'abandon' || reason === given) continue;
        this.wrong.push(`${what}: record ${sequence} of ${name} has the reason ${reason}, not ${given}`);
      }
    }
  }

  /** Chains of this and of all stacks before: they verify, go on from what they were, and end where the pointers are. */
  private async checkChains(when: string, state: State | undefined): Promise<void> {
    const buckets = new Set([...this.left.map(({ bucket }) => bucket), this.bucket].filter(Boolean));
    for (const bucket of buckets) {
      const chains = await this.account.chains(bucket);
      for (const [name, before] of this.bodies) {
        if (name.startsWith(`${bucket}/`) && !chains.has(name.slice(bucket.length + 1))) {
          this.wrong.push(`${when}: ${before.length} records of ${name} are gone`);
        }
      }
      for (const [name, chain] of chains) this.checkChain(when, `${bucket}/${name}`, chain);
      for (const alias of existing(state ?? nowhere)) {
        const isMissing = bucket === this.bucket && !chains.has(`${this.promptId}/${alias}`);
        if (isMissing && targetOf(state ?? nowhere, alias) !== null) {
          this.wrong.push(`${when}: ${alias} has no records`);
        }
      }
      if (state === undefined) continue;
      for (const [name, chain] of chains) {
        const [promptId, alias] = name.split('/') as [string, AliasName];
        const newest = chain.records.at(-1);
        // Of a stack that is gone nothing stands anywhere.
        const expected = promptId === this.promptId ? targetOf(state, alias) : null;
        if ((newest?.to?.version ?? null) !== expected) {
          const found = newest?.to?.version ?? 'none';
          this.wrong.push(
            `${when}: the newest record of ${alias} (${newest?.sequence} ${newest?.kind} by ${newest?.logicalId}) names ${found}, not ${expected ?? 'none'}`,
          );
        }
      }
    }
  }

  private checkChain(when: string, name: string, { bodies, findings, records }: Chain): void {
    for (const { sequence, from, to, undo, passed } of this.options.isGated && name.endsWith('/PROD') ? records : []) {
      const isForward = to !== null && to.version !== from?.version && !undo;
      if (isForward && !passed) this.wrong.push(`${when}: record ${sequence} of ${name} moved without consent`);
    }
    for (const { message } of findings) this.wrong.push(`${when}: chain of ${name}: ${message}`);
    const before = this.bodies.get(name) ?? [];
    if (before.some((body, index) => bodies[index] !== body)) this.wrong.push(`${when}: records of ${name} changed`);
    this.bodies.set(name, bodies);
  }

  /** Whenever CloudFormation writes a pointer on its way forward, the record is there and the callers are let in. */
  private async watchPointers(call: { operation: string; principalArn: string; input: Record<string, unknown> }) {
    const { Name = '', Value } = call.input as { Name?: string; Value?: string };
    const alias = Name.split('/').pop() as AliasName;
    if (call.operation !== 'PutParameter' || !Name.startsWith(`${PREFIX}/${PROMPT}/`)) return;
    const StackName = this.stackId || STACK;
    const { Stacks } = await this.deployer.cloudFormation.send(new DescribeStacksCommand({ StackName }));
    if (Stacks?.[0]?.StackStatus?.includes('ROLLBACK') || Value === 'none') return;
    await this.findResources();
    const version = Number(Value?.split(':').pop());
    const chain = (await this.account.chains(this.bucket)).get(`${this.promptId}/${alias}`);
    const newest = chain?.bodies.at(-1);
    const named = newest === undefined ? undefined : parseRecord(newest).to?.version;
    if (named !== version) {
      this.wrong.push(`the pointer ${alias} was moved to ${version} while the newest record named ${named}`);
    }
    const withdrawn = newest !== undefined && parseRecord(newest).withdrawn.includes(version);
    if (!withdrawn && !(await this.account.allowed(alias))?.includes(String(Value))) {
      this.wrong.push(`the pointer ${alias} was moved to ${version} before its callers were let in`);
    }
  }

  /** What is under way, for a run that does not end. */
  async diagnosis(): Promise<string[]> {
    const events = (await this.deployer.events(this.stackId))
      .slice(0, 15)
      .map(
        ({ Timestamp, LogicalResourceId, ResourceStatus, ResourceStatusReason = '' }) =>
          `${Timestamp?.toISOString()} ${LogicalResourceId} ${ResourceStatus} ${ResourceStatusReason}`,
      );
    const calls = this.aws.calls
      .filter(({ operation }) => operation !== 'DescribeStacks' && operation !== 'DescribeStackEvents')
      .slice(-10)
      .map(({ time, service, operation, principalArn, status }) => {
        return `${time.toISOString()} ${service} ${operation} by ${principalArn.split('/').pop()}: ${status}`;
      });
    return [...this.trouble.story.map((line) => `(${line})`), ...this.story, ...events, ...calls];
  }

  /** The newest records of each alias, for whoever looks for the cause. */
  private async ledgerStory(): Promise<string[]> {
    if (!this.bucket) return [];
    const chains = await this.account.chains(this.bucket);
    return [...chains].map(([name, { records }]) => {
      const shown = records.slice(-14).map(({ sequence, kind, undo, from, to, withdrawn }) => {
        const move = `${from?.version ?? '–'}→${to?.version ?? '–'}`;
        return `${sequence} ${kind}${undo ? ' (undo)' : ''} ${move}${withdrawn.length > 0 ? ` withdrawn ${withdrawn}` : ''}`;
      });
      return `${name}: ${shown.join(', ')}`;
    });
  }

  private get promptArn(): string {
    const { account, region } = this.aws;
    return `arn:aws:bedrock:${region}:${account}:prompt/${this.promptId}`;
  }
}

function short(arn: string | undefined): string {
  return arn === undefined ? 'nothing' : (arn.split('/').pop() as string);
}

function ascending(one: number, other: number): number {
  return one - other;
}

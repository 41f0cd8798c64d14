import { resolve } from 'node:path';
import {
  CancelUpdateStackCommand,
  ContinueUpdateRollbackCommand,
  DeleteStackCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { zipSync } from 'fflate';
import { Deployer, type LocalAws, startLocalAws } from '../../../packages/local-aws';
import type { Interceptor } from '../../../packages/local-aws/server';
import { Account } from '../account';
import { ASSETS, PREFIX, PROMPT, SHORT_WAITS, STACK, withCode, withPreloaded } from '../example-stack';
import { HANDLER_NAMES } from '../handler-bundles';
import { Random } from '../random';
import { isBy, type Trouble, Troublemaker } from '../trouble';
import type { RunResult, WorldOptions } from '../world';
import { AccountMirror } from './account-mirror';
import { Controller, type Ticked } from './controller';
import {
  ROLLING_OPERATIONS,
  type RollingDeployment,
  type RollingOperation,
  rollingDeployment,
  VERSIONS,
} from './rolling-operations';
import { callableOf, described, moved, nothing, type RollingState, stableOf, withdrew } from './rolling-state';
import { BAKE_SECONDS, type RollingApp, STEPS, synthesizeRolling } from './rolling-template';
import { planOf, progressOf, type Served, servedBy } from './served-share';
import { StoredRollouts } from './stored-rollouts';

const POINTER = `${PREFIX}/${PROMPT}/PROD`;
const PLAN_NAME = `${POINTER}/rollout`;
const PROGRESS_NAME = `${POINTER}/rollout-progress`;
/** Lets calls of a function end badly. */
const BROKEN_CALLS = resolve(__dirname, 'broken-calls.cjs');
const LAST_CONTENT = VERSIONS.length - 1;

/** Pages of two, as in the other matrix, take a third of a run. */
const PAGE_SIZE = 10;

const MAY_STOP_A_REMOVAL: readonly Trouble['kind'][] = ['fails', 'refused', 'call', 'late'];

/** Until each process has read a new step, which it does once a minute. */
const NOTICE_MS = 70_000;

/** No step is served longer without a controller: half an hour, and a minute for the test. */
const LONGEST_LIFE_MS = 31 * 60_000;

/** One account with one alias that rolls out, and what should be in it. */
export class RollingWorld {
  /** Its stack was destroyed: of no use for another run. */
  isSpent = false;
  private state: RollingState = nothing;
  private stackId = '';
  private status = '';
  private promptArn = '';
  private turn = 0;
  private wrong: string[] = [];
  private story: string[] = [];
  /** Plans that were halted for all that was answered. */
  private readonly halted = new Set<number>();
  /** Plans that somebody asked to halt, or whose alarm went off. */
  private readonly mayHalt = new Set<number>();
  /** A deployment that is under way: what may be missing from the policy meanwhile. */
  private leaving: { readonly withdrawn: readonly number[]; readonly isRemoved: boolean } | undefined;
  /** Numbers of the calls in one operation at which something else happens. */
  private moments = new Map<number, 'tick' | 'halt' | 'beside'>();
  private callsInOperation = 0;
  private mayMissEnds = false;
  /** So many records were there when the operation began: they were judged by the trouble of theirs. */
  private judged = 0;
  private lastServed: Served | undefined;
  private readonly besides: Promise<unknown>[] = [];
  private readonly deployer: Deployer;
  private readonly account: Account;
  private readonly controller: Controller;
  private readonly mirror = new AccountMirror((what) => this.watch(what));

  private constructor(
    private readonly aws: LocalAws,
    private readonly trouble: Troublemaker,
    private readonly options: WorldOptions,
    heart: { world?: RollingWorld },
  ) {
    heart.world = this;
    this.deployer = new Deployer(aws);
    this.account = new Account(aws);
    this.controller = new Controller(aws);
    // What was done is seen before the caller, or its end, hears of it.
    aws.interceptors.push(this.mirror.interceptor, trouble.interceptor, this.meanwhile);
  }

  static async start(options: WorldOptions): Promise<RollingWorld> {
    const heart: { world?: RollingWorld } = {};
    const trouble = new Troublemaker(
      {
        cancel: async () => heart.world?.cancel(),
        isGoingBack: () => heart.world?.status.includes('ROLLBACK') ?? false,
      },
      PAGE_SIZE,
    );
    const aws = await startLocalAws({
      cloudFormation: trouble.adversary,
      lambda: { retryDelaysMs: [50] },
      logDirectory: process.env.FAULTS_LOGS,
    });
    const world = new RollingWorld(aws, trouble, options, heart);
    await world.account.s3.send(new CreateBucketCommand({ Bucket: ASSETS }));
    for (const handler of HANDLER_NAMES) {
      const Body = zipSync({ 'index.js': Buffer.from(options.bundles[handler]) }, { level: 0 });
      await world.account.s3.send(new PutObjectCommand({ Bucket: ASSETS, Key: `${handler}.zip`, Body }));
    }
    await world.controller.makeAlarm();
    await world.publishAll();
    return world;
  }

  stop(): Promise<void> {
    this.trouble.release();
    return this.aws.stop();
  }

  /** One run: brings PROD to where the operation can begin, makes it under the trouble, checks, deploys again, checks. */
  async run(operation: RollingOperation, trouble: Trouble, seed: number): Promise<RunResult> {
    const random = new Random(seed);
    this.wrong = [];
    this.story = [];
    this.trouble.story.length = 0;
    await this.prepare(operation, random);
    if (this.wrong.length === 0) await this.operate(operation, trouble, seed, random);
    if (this.wrong.length > 0) this.story.push(...this.ledgerStory());
    return {
      story: [...this.trouble.story.map((line) => `(${line})`), ...this.story],
      wrong: [...new Set(this.wrong)],
    };
  }

  private async operate(operation: RollingOperation, trouble: Trouble, seed: number, random: Random): Promise<void> {
    const before = this.state;
    const wanted = rollingDeployment(operation, before, random);
    this.draw(random);
    this.mayMissEnds = ['call', 'refused', 'late'].includes(trouble.kind);
    this.judged = this.stored.count;
    this.trouble.arm(this.at(trouble, wanted.prod), seed);
    const isDone = operation === 'destroy' ? await this.destroy() : await this.deploy(operation, wanted);
    if (wanted.isRefused && isDone) this.wrong.push(`${operation} succeeded, though it must be refused`);
    const isHarmless =
      trouble.kind === 'none' ||
      (trouble.kind === 'call' && (trouble.by === 'controller' || trouble.how !== 'away') && operation !== 'destroy');
    if (isHarmless && !isDone && !wanted.isRefused) {
      this.wrong.push(`${operation} failed: ${await this.reason()}`);
    }
    if (operation === 'destroy') return this.end();
    this.state = isDone ? this.reached(wanted, before, trouble) : before;
    if (isDone && MAY_STOP_A_REMOVAL.includes(trouble.kind)) await this.deleteLeftovers(wanted.prod);
    // The controller's part of the trouble, where its calls are more than came so far.
    if (trouble.kind === 'call' && trouble.by === 'controller') await this.ticked('tick', 'in trouble');
    const waitsForNext = trouble.kind === 'late' && trouble.until === 'the next operation';
    if (!waitsForNext) this.trouble.release();
    await this.check(`after ${operation}`);
    if (!waitsForNext) {
      await this.aws.idle();
      await this.check(`after ${operation} and its late events`, true);
    }
    if (this.wrong.length > 0) return;
    this.trouble.disarm();
    await this.next(operation, isDone || wanted.isRefused ? undefined : wanted, random);
  }

  /** The same once more, or something else. */
  private async next(
    operation: RollingOperation,
    failed: RollingDeployment | undefined,
    random: Random,
  ): Promise<void> {
    const before = this.state;
    const isAgain = failed !== undefined && random.below(2) === 0;
    const name = isAgain ? operation : random.pick(this.possible());
    const next = isAgain ? failed : this.nextDeployment(name, random);
    const letGo = this.aws.calls.length;
    this.draw(random);
    const isDone = await this.deploy(isAgain ? `${name} again` : name, next, () => {
      if (this.aws.calls.slice(letGo).some(({ principalArn }) => isBy(principalArn, 'plan'))) this.trouble.release();
    });
    if (isDone === (next.isRefused === true)) {
      this.wrong.push(
        isDone
          ? `${name} succeeded, though it must be refused`
          : `${name} after ${operation} failed: ${await this.reason()}`,
      );
    }
    if (isDone) this.state = this.numbered(next.after, before);
    this.trouble.release();
    await this.check(`after ${name}`);
    await this.aws.idle();
    this.mayMissEnds = true;
    await this.check(`after ${name} and its late events`, true);
  }

  private possible(): RollingOperation[] {
    const { state } = this;
    if (state.prod !== 'rolls out') return ['release at once'];
    const stable = stableOf(state) ?? 0;
    const isFree = (version: number) => !state.withdrawn.includes(version) && version !== stable;
    const above = VERSIONS.filter((version) => isFree(version) && version > stable);
    const isUsable = !state.withdrawn.includes(stable);
    const common: RollingOperation[] = ['start nowhere', 'release at once', 'deploy again'];
    if (state.rollout) {
      const others = above.filter((version) => version !== state.rollout?.candidate);
      return [...common, 'settle', 'end', ...(others.length > 0 ? (['replace'] as const) : [])];
    }
    return state.declared.includes('..') || !isUsable || above.length === 0
      ? ['release at once']
      : [...common, 'start', 'start'];
  }

  private nextDeployment(name: RollingOperation, random: Random): RollingDeployment {
    return rollingDeployment(name, this.state, random);
  }

  /** To where the operation makes sense, and to some point of a rollout that runs. */
  private async prepare(operation: RollingOperation, random: Random): Promise<void> {
    this.mayMissEnds = true;
    this.trouble.arm({ kind: 'none' }, random.below(2 ** 31));
    this.moments.clear();
    const needs = operation !== 'start' && (operation !== 'start nowhere' || random.below(2) === 0);
    const stable = stableOf(this.state) ?? 0;
    const isFitting =
      this.state.prod === 'rolls out' &&
      stable >= 2 &&
      stable <= 3 &&
      this.state.withdrawn.length === 0 &&
      (needs ? this.state.rollout !== null : this.state.rollout === null && !this.state.declared.includes('..'));
    if (!isFitting) {
      const target = random.pick([2, 3]);
      const plain = { declared: `${target}`, prod: 'rolls out', withdrawn: [] } as const;
      const after = { ...withdrew(moved(this.state, target), []), ...plain };
      await this.must('prepare', { ...plain, after });
      if (needs) await this.must('start', rollingDeployment('start', this.state, random));
    }
    if (this.wrong.length === 0 && this.state.rollout) await this.getOn(random);
    // A step may be due as soon as somebody looks.
    await this.controller.pass(3);
  }

  private async must(what: string, deployment: RollingDeployment): Promise<void> {
    if (this.wrong.length > 0) return;
    const before = this.state;
    if (await this.deploy(what, deployment)) this.state = this.numbered(deployment.after, before);
    else this.wrong.push(`${what} failed: ${await this.reason()}`);
    await this.check(`after ${what}`);
  }

  /** Some steps, and one rollout in three is halted. */
  private async getOn(random: Random): Promise<void> {
    const plan = this.state.rollout?.plan ?? 0;
    for (let steps = random.below(3); steps > 0; steps -= 1) {
      await this.controller.pass(4);
      await this.ticked('tick', 'while it is prepared');
    }
    const how = random.pick(['runs', 'runs', 'runs', 'runs', 'by request', 'by alarm']);
    if (how === 'by request') await this.ticked('halt', 'while it is prepared');
    if (how === 'by alarm') {
      await this.controller.setAlarm('ALARM');
      this.mayHalt.add(plan);
      await this.ticked('tick', 'while it is prepared');
      await this.controller.setAlarm('OK');
    }
    const standing = this.stored.standingStep(plan);
    this.story.push(`plan ${plan}: ${standing ? `${standing.kind} ${standing.step}` : 'no step'}`);
  }

  /** An invocation without trouble must not fail. */
  private async ticked(what: 'tick' | 'halt', when: string, mayFail = when !== 'while it is prepared'): Promise<void> {
    const plans = new Set([...this.mayHalt, ...this.plansAround()]);
    if (what === 'halt') for (const plan of plans) this.mayHalt.add(plan);
    const { failed, answer }: Ticked = await this.controller[what]();
    if (answer?.outcome.startsWith('halted') && answer.plan !== undefined) {
      this.halted.add(answer.plan);
      this.mayHalt.add(answer.plan);
    }
    if (failed !== undefined && !mayFail) this.wrong.push(`the controller failed ${when}: ${failed}`);
  }

  /** Those that a request for a halt may meet. */
  private plansAround(): number[] {
    const newest = this.stored.newest?.rollout?.plan;
    return [newest, this.state.rollout?.plan].filter((plan) => plan !== undefined);
  }

  private draw(random: Random): void {
    this.callsInOperation = 0;
    this.moments.clear();
    for (let count = 0; count < 3; count += 1) {
      this.moments.set(random.below(45), random.pick(['tick', 'tick', 'tick', 'halt', 'beside']));
    }
  }

  /** Others act while CloudFormation and the handlers are at work. */
  private readonly meanwhile: Interceptor = async ({ principalArn, operation }) => {
    if (this.leaving === undefined || principalArn.includes(':user/') || isBy(principalArn, 'controller')) return;
    if (operation.startsWith('Describe') && !principalArn.includes('Handler')) return;
    const moment = this.moments.get(this.callsInOperation);
    this.callsInOperation += 1;
    if (moment === undefined) return;
    const tick = this.ticked(moment === 'halt' ? 'halt' : 'tick', 'meanwhile', true);
    this.besides.push(tick);
    if (moment !== 'beside') await tick;
  };

  private async publishAll(): Promise<void> {
    this.trouble.arm({ kind: 'none' }, 1);
    for (const [content] of VERSIONS.entries()) {
      const isDone = await this.deploy(
        `version ${content + 1}`,
        { prod: 'rolls out', declared: 'none', withdrawn: [], after: nothing },
        undefined,
        content,
      );
      if (!isDone) throw new Error(`version ${content + 1} failed: ${await this.reason()}`);
    }
    const { StackResources = [] } = await this.deployer.cloudFormation.send(
      new DescribeStackResourcesCommand({ StackName: this.stackId }),
    );
    const id = (found: (logicalId: string, type: string) => boolean) =>
      StackResources.find(({ LogicalResourceId = '', ResourceType = '' }) => found(LogicalResourceId, ResourceType))
        ?.PhysicalResourceId ?? '';
    this.controller.functionName = id((one, type) => type === 'AWS::Lambda::Function' && one.startsWith('Controller'));
    this.promptArn = id((_, type) => type === 'AWS::Bedrock::Prompt');
    await this.account.employ(true);
  }

  private async deploy(
    what: string,
    deployment: RollingDeployment,
    onTheWay: () => void = () => {},
    content = LAST_CONTENT,
  ): Promise<boolean> {
    const { declared, withdrawn, prod } = deployment;
    const template = JSON.stringify(this.template({ content, prod }));
    const beside = { SiblingValue: `v${++this.turn}`, LastSiblingValue: `v${this.turn}` };
    const ofAlias = { AdvisorProdVersion: declared, AdvisorWithdrawnVersions: withdrawn.join(',') || 'none' };
    const parameters = prod === 'removed' ? beside : { ...beside, ...ofAlias };
    this.status = this.stackId ? 'UPDATE_IN_PROGRESS' : 'CREATE_IN_PROGRESS';
    this.leaving = { withdrawn, isRemoved: prod === 'removed' };
    // A policy that somebody has cannot be deleted, and one that is made again has to be attached again.
    const isAbout = prod === 'removed' || this.state.prod === 'removed';
    if (isAbout) await this.account.employ(false);
    try {
      this.stackId = await this.deployer.begin(STACK, template, { parameters });
    } catch (error) {
      // The pattern of the parameter.
      if ((error as Error).name !== 'ValidationError') throw error;
      this.story.push(`${what} (${declared}): ${(error as Error).message.slice(0, 80)}`);
      this.leaving = undefined;
      return false;
    }
    await this.settled(`${what} (${declared}${withdrawn.length > 0 ? ` without ${withdrawn}` : ''})`, onTheWay);
    for (let tries = 0; this.status === 'UPDATE_ROLLBACK_FAILED' && tries < 3; tries += 1) {
      this.story.push(`rollback failed: ${await this.reason()}`);
      this.trouble.disarm();
      this.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
      await this.deployer.cloudFormation.send(new ContinueUpdateRollbackCommand({ StackName: STACK }));
      await this.settled('continued rollback', onTheWay);
    }
    await Promise.all(this.besides.splice(0));
    this.leaving = undefined;
    const isDone = this.status === 'CREATE_COMPLETE' || this.status === 'UPDATE_COMPLETE';
    if (!isDone && this.status !== 'UPDATE_ROLLBACK_COMPLETE') {
      this.wrong.push(`${what} ended in ${this.status}: ${await this.reason()}`);
    }
    if (isAbout) await this.account.employ(true);
    return isDone;
  }

  private template(app: RollingApp) {
    const { account, region } = this.aws;
    const template = synthesizeRolling(app, account, region);
    withCode(template, (handler) => `${handler}.zip`);
    withPreloaded(template, SHORT_WAITS, BROKEN_CALLS);
    this.options.changeTemplate?.(template);
    return template;
  }

  private async destroy(): Promise<boolean> {
    this.leaving = { withdrawn: VERSIONS, isRemoved: true };
    this.isSpent = true;
    await this.account.employ(false);
    for (let tries = 0; tries < 3 && this.status !== 'DELETE_COMPLETE'; tries += 1) {
      if (tries > 0) this.trouble.disarm();
      this.status = 'DELETE_IN_PROGRESS';
      await this.deployer.cloudFormation.send(new DeleteStackCommand({ StackName: this.stackId }));
      await this.settled('destroy');
    }
    await Promise.all(this.besides.splice(0));
    return this.status === 'DELETE_COMPLETE';
  }

  /** A stack that is gone leaves its ledger, which says so, and nothing that anybody reads. */
  private async end(): Promise<void> {
    await this.aws.idle();
    const say = (what: string) => this.wrong.push(`after destroy: ${what}`);
    for (const fault of this.stored.faults(BAKE_SECONDS, () => true)) say(fault);
    const { to, rollout } = this.stored.newest ?? {};
    if (to != null || rollout) say(`the newest record names ${to?.version}, and plan ${rollout?.plan}`);
    const left = Object.keys(await this.account.parameters(PREFIX));
    if (left.length > 0) say(`there still is ${left}`);
  }

  private async settled(what: string, onTheWay: () => void = () => {}): Promise<void> {
    this.status = await this.deployer.settled(this.stackId, (status) => {
      this.status = status;
      onTheWay();
    });
    this.story.push(`${what}: ${this.status}`);
  }

  private async cancel(): Promise<void> {
    const { cloudFormation } = this.deployer;
    await cloudFormation.send(new CancelUpdateStackCommand({ StackName: STACK })).catch((error: Error) => {
      if (error.name !== 'ValidationError') throw error;
    });
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: this.stackId || STACK }));
    this.status = Stacks?.[0]?.StackStatus ?? '';
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

  /** The trouble at the resource's real logical id. */
  private at(trouble: Trouble, prod: RollingApp['prod']): Trouble {
    if (!('logicalId' in trouble)) return trouble;
    const ids = ['rolls out', prod].flatMap((one) =>
      Object.keys(this.template({ content: LAST_CONTENT, prod: one as RollingApp['prod'] }).Resources),
    );
    const role = new RegExp(`^${trouble.logicalId}([0-9A-F]{8})?$`);
    return { ...trouble, logicalId: ids.find((id) => role.test(id)) ?? trouble.logicalId };
  }

  /** The state with the number of the plan that began: one that was not there before. */
  private numbered(state: RollingState, before: RollingState): RollingState {
    if (!state.rollout || state.rollout.plan > 0) return state;
    const plan = this.stored.newest?.rollout?.plan ?? Number.NaN;
    if (!(plan > (before.rollout?.plan ?? 0))) this.wrong.push(`plan ${plan} is not a new one`);
    return { ...state, rollout: { ...state.rollout, plan } };
  }

  /** Where a deployment that succeeded led. */
  private reached(wanted: RollingDeployment, before: RollingState, trouble: Trouble): RollingState {
    // What CloudFormation cannot delete in its cleanup it leaves behind, and the update has succeeded: the ledger goes on from there.
    const isForgotten =
      wanted.prod === 'removed' && MAY_STOP_A_REMOVAL.includes(trouble.kind) && this.stored.newest?.to;
    if (isForgotten) return { ...before, prod: 'removed', declared: wanted.declared };
    return this.numbered(wanted.after, before);
  }

  /** What a cleanup could not delete somebody deletes by hand: the names are taken until then. */
  private async deleteLeftovers(prod: RollingApp['prod']): Promise<void> {
    const names =
      prod === 'plain' ? [PLAN_NAME, PROGRESS_NAME] : prod === 'removed' ? [POINTER, PLAN_NAME, PROGRESS_NAME] : [];
    const left = names.filter((name) => this.mirror.parameters.has(name));
    if (left.length > 0) this.story.push(`deleted by hand: ${left.join(', ')}`);
    await this.account.deleteParameters(left);
    if (prod === 'removed' && this.mirror.versionsInPolicy) {
      this.story.push('deleted by hand: the policy');
      await this.account.employ(false);
      await this.account.deletePolicy('PROD');
    }
  }

  private get stored(): StoredRollouts {
    return new StoredRollouts(this.mirror.objects);
  }

  /** What must hold at every moment: looked at whenever something was written. */
  private watch(what: string): void {
    const say = (law: string) => this.wrong.push(`at ${what}: ${law}`);
    const { parameters, versionsInPolicy = [] } = this.mirror;
    const now = this.aws.now().getTime();
    const isCallable = (arn: string) => versionsInPolicy.includes(arn) || this.isLeaving(arn);
    const stable = stableOf(this.state);
    // Where an operation began it may have to end again.
    if (stable !== null && this.state.prod !== 'removed' && !isCallable(`${this.promptArn}:${stable}`))
      say(`callers may not use ${stable}, the stable one`);
    const pointer = parameters.get(POINTER) ?? 'none';
    if (what === `PutParameter ${POINTER}` && pointer !== 'none' && !isCallable(pointer)) {
      say(`the alias goes to ${short(pointer)}, which its callers may not use`);
    }
    const served = servedBy(planOf(parameters.get(PLAN_NAME)), progressOf(parameters.get(PROGRESS_NAME)), now);
    const before = this.lastServed;
    this.lastServed = served;
    if (!served) return;
    const { plan, n, step, at, until, share, candidate } = served;
    if (before?.plan === plan && before.n < n && Date.parse(at) - now < NOTICE_MS) {
      say(`step ${step} of plan ${plan} begins at ${at}, before everybody has read it`);
    }
    const steps = this.stored.stepsOf(plan);
    if (!steps.some((one) => one.n === n && one.step === step && one.kind === 'step' && one.at <= at)) {
      say(`step ${step} of plan ${plan} is served without a record`);
    }
    if (steps.some(({ kind }) => kind === 'halt')) say(`plan ${plan} is served after a recorded halt`);
    if (Date.parse(until) - now > LONGEST_LIFE_MS) say(`plan ${plan} is served until ${until}`);
    // A new one is served by nobody before the operation is long over.
    const isMeant = versionOf(candidate) === this.state.rollout?.candidate;
    if (share > 0 && isMeant && !isCallable(candidate)) {
      say(`callers may not use ${short(candidate)}, which ${share} % of them get`);
    }
  }

  /** Whether it is, was or will be withdrawn, or the alias removed: then callers may lose it at once. */
  private isLeaving(arn: string): boolean {
    const { isRemoved = false, withdrawn = [] } = this.leaving ?? {};
    return isRemoved || [...withdrawn, ...this.state.withdrawn, ...this.state.remembered].includes(versionOf(arn));
  }

  /** All laws at rest; `isOver` has the controller come by, and asks as a caller as well. */
  private async check(when: string, isOver = false): Promise<void> {
    const { state, mirror, stored } = this;
    const say = (what: string) => this.wrong.push(`${when}: ${what} [should be ${described(state)}]`);
    const mayMissEnds = (sequence: number) => this.mayMissEnds || sequence <= this.judged;
    for (const fault of stored.faults(BAKE_SECONDS, mayMissEnds)) say(fault);
    const stable = stableOf(state);
    const isThere = state.prod !== 'removed';
    const pointer = mirror.parameters.get(POINTER);
    const expected = isThere ? (stable === null ? 'none' : `${this.promptArn}:${stable}`) : undefined;
    if (pointer !== expected) say(`PROD names ${short(pointer)}`);
    const { newest } = stored;
    if ((newest?.to?.version ?? null) !== stable) say(`the newest record names ${newest?.to?.version}`);
    if (isThere && newest && String(newest.withdrawn) !== String(state.withdrawn)) {
      say(`the newest record withdraws ${newest.withdrawn}`);
    }
    const { plan, candidate } = newest?.rollout ?? {};
    if (plan !== state.rollout?.plan || candidate?.version !== state.rollout?.candidate) {
      say(`the newest record rolls out ${candidate?.version} by plan ${plan}`);
    }
    this.checkPlan(say);
    const allowed = (mirror.versionsInPolicy ?? []).filter((arn) => !arn.endsWith(':prompt/none')).map(versionOf);
    const callable = isThere && stable !== null ? callableOf(state) : [];
    if (String(allowed.toSorted()) !== String(callable.toSorted())) say(`callers may use ${allowed}, not ${callable}`);
    if (!isOver) return;
    await this.checkProgress(when, say);
    if (isThere) await this.checkCallers(callable, say);
  }

  private checkPlan(say: (what: string) => void): void {
    const { rollout, prod } = this.state;
    const value = this.mirror.parameters.get(PLAN_NAME);
    const found = planOf(value);
    if (prod === 'rolls out' ? value === undefined : value !== undefined) say(`the parameter rollout is ${value}`);
    const digest = this.stored.newest?.rollout?.candidate.digest;
    const expected = prod === 'rolls out' &&
      rollout && {
        v: 1,
        plan: rollout.plan,
        to: `${this.promptArn}:${rollout.candidate}`,
        steps: STEPS,
        salt: digest,
      };
    if (JSON.stringify(found) !== JSON.stringify(expected || null)) say(`the parameter rollout says ${value}`);
  }

  /** A controller that nothing hinders makes the parameter say what the ledger says. */
  private async checkProgress(when: string, say: (what: string) => void): Promise<void> {
    const { rollout, prod } = this.state;
    this.trouble.pause(true);
    if (prod === 'rolls out') await this.ticked('tick', when, false);
    this.trouble.pause(false);
    const value = this.mirror.parameters.get(PROGRESS_NAME);
    const progress = progressOf(value);
    if (prod !== 'rolls out') {
      if (value !== undefined) say(`the parameter rollout-progress is ${value}`);
      return;
    }
    if (!rollout) {
      if (value !== 'none') say(`the parameter rollout-progress says ${value}, and no rollout runs`);
      return;
    }
    const standing = this.stored.standingStep(rollout.plan);
    if (!standing) return say(`plan ${rollout.plan} does not begin`);
    const { plan, n, step, state, at } = progress ?? {};
    const isSame = plan === standing.plan && n === standing.n && step === standing.step && state === standing.kind;
    // One that a controller wrote late begins late.
    if (!isSame || at === undefined || (state === 'halt' ? at !== standing.at : at < standing.at))
      say(`the parameter rollout-progress says ${value}`);
    const isHalted = standing.kind === 'halt';
    if (isHalted && !this.mayHalt.has(rollout.plan)) say(`plan ${rollout.plan} was halted, and nobody asked for it`);
    if (!isHalted && this.halted.has(rollout.plan)) say(`plan ${rollout.plan} goes on after a halt`);
  }

  private async checkCallers(callable: readonly number[], say: (what: string) => void): Promise<void> {
    const forbidden = VERSIONS.find((version) => !callable.includes(version));
    const questions: [string, boolean][] = [
      [this.promptArn, false],
      ...callable.map((version): [string, boolean] => [`${this.promptArn}:${version}`, true]),
      ...(forbidden === undefined ? [] : [[`${this.promptArn}:${forbidden}`, false] as [string, boolean]]),
    ];
    for (const [identifier, expected] of questions) {
      const answer = await this.account.answers('PROD', identifier);
      if (answer !== expected) say(`a caller gets ${answer ? 'an answer' : 403} for ${short(identifier)}`);
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
    const calls = this.aws.calls.slice(-15).map(({ time, service, operation, principalArn, status }) => {
      return `${time.toISOString()} ${service} ${operation} by ${principalArn.split('/').pop()}: ${status}`;
    });
    return [...this.trouble.story.map((line) => `(${line})`), ...this.story, ...events, ...calls];
  }

  private ledgerStory(): string[] {
    const { stored } = this;
    const numbers = Array.from({ length: 12 }, (_, index) => stored.count - 11 + index);
    return numbers.flatMap((number) => {
      const record = stored.record(number);
      if (!record) return [];
      const { sequence, kind, undo, from, to, rollout, withdrawn } = record;
      const steps = stored.stepsOf(sequence).map((step) => `${step.kind} ${step.step}`);
      const runs = rollout ? ` rolls out ${rollout.candidate.version} by ${rollout.plan}` : '';
      const out = withdrawn.length > 0 ? ` withdrawn ${withdrawn}` : '';
      return `${sequence} ${kind}${undo ? ' (undo)' : ''} ${from?.version ?? '–'}→${to?.version ?? '–'}${runs}${out} ${steps}`;
    });
  }
}

function short(arn: string | undefined): string {
  return arn === undefined ? 'nothing' : (arn.split('/').pop() as string);
}

function versionOf(arn: string): number {
  return Number(arn.split(':').pop());
}

export const isRollingOperation = (name: string): name is RollingOperation =>
  (ROLLING_OPERATIONS as readonly string[]).includes(name);

import { parseProgress, parseRollout } from '../../core/contract/rollout-parameters';
import { parseStepKey } from '../../core/ledger/layout';
import { parseRecord, recordDigest } from '../../core/ledger/record';
import { parseStep, verifySteps } from '../../core/ledger/rollout-step';
import { formatRolloutSettings } from '../../core/rollout/settings';
import type { Attributes } from '../../lambda/attributes';
import type { RolloutDeps } from '../../lambda/prompt-rollout/deps';
import { controlRollouts } from '../../lambda/prompt-rollout/handler';
import { event, PROMPT_ID } from './events';
import { type Properties, ReleaseWorld } from './release-world';
import { type Choose, interleave, type Line, type Pause, type Program } from './schedule';

const POINTER = '/prompts/prod/financial-analysis/PROD';
const ROLLOUT = `${POINTER}/rollout`;
const PROGRESS = `${POINTER}/rollout-progress`;

/** One stack operation over an alias, while a controller ticks. */
export interface RolloutScenario {
  readonly name: string;
  /** What was declared before, oldest first; after the last one a controller was there. */
  readonly before: readonly string[];
  readonly target: string;
  /** Where a sibling fails: after the record, after one parameter, after both; or nowhere. */
  readonly fails: 'record' | 'parameter' | 'parameters' | 'nowhere';
  readonly attributes: 'stored' | 'fresh';
  /** Which parameter CloudFormation writes first. */
  readonly first: 'pointer' | 'rollout';
  /** The candidate fails, so that the controller halts; else it goes forward. */
  readonly isBad: boolean;
}

/** What holds the rules, each of which can be taken out. */
export interface Safeguards {
  /** Readers take a progress only for the plan that it names. */
  readonly planId: boolean;
  /** A halt comes to the parameter before it is recorded. */
  readonly haltOrder: boolean;
  /** Never two controllers at once. */
  readonly oneController: boolean;
}

export const ALL_SAFEGUARDS: Safeguards = { planId: true, haltOrder: true, oneController: true };

const OPERATIONS = [
  { name: 'start 2..3', before: ['1', '2'], target: '2..3' },
  { name: 'settle 2..3', before: ['1', '2', '2..3'], target: '3' },
  { name: 'end 2..3', before: ['1', '2', '2..3'], target: '2' },
  { name: 'replace 2..3 by 2..4', before: ['1', '2', '2..3'], target: '2..4' },
  { name: 'back to 1 from 2..3', before: ['1', '2', '2..3'], target: '1' },
];

export const rolloutScenarios: RolloutScenario[] = OPERATIONS.flatMap((operation) =>
  (['nowhere', 'record', 'parameter', 'parameters'] as const).flatMap((fails) =>
    (['stored', 'fresh'] as const)
      .filter((attributes) => fails !== 'nowhere' || attributes === 'stored')
      .flatMap((attributes) =>
        (['pointer', 'rollout'] as const).flatMap((first) =>
          [false, true].map((isBad) => ({ ...operation, fails, attributes, first, isBad })),
        ),
      ),
  ),
);

interface Prepared {
  readonly scenario: RolloutScenario;
  readonly world: ReleaseWorld;
  readonly parameters: ReadonlyMap<string, string>;
  readonly stored: Properties;
  readonly planned: Properties;
  readonly ticks: number;
}

/** The common start of all orders of a scenario. */
export async function prepareRollout(scenario: RolloutScenario): Promise<Prepared> {
  const world = new ReleaseWorld();
  const settings = { steps: [5, 25, 50], bake: 1, minimum: 1, key: 'session', guards: ['errors'] } as const;
  world.more = { CallableVersions: '3', Rollout: formatRolloutSettings(settings) };
  const parameters = new Map([[PROGRESS, 'none']]);
  let stored: Properties | undefined;
  for (const target of scenario.before) {
    world.stack.now = 'UPDATE_IN_PROGRESS';
    const properties = world.aliasProperties(await world.plan(target));
    const answered = await world.alias(event('PromptAlias', stored ? 'Update' : 'Create', properties, stored));
    world.stack.turn('UPDATE_COMPLETE');
    world.declared = target;
    stored = properties;
    for (const [name, value] of valuesOf(answered, 'pointer')) parameters.set(name, value);
  }
  const run = new OneRun({ scenario, world, parameters, stored: {}, planned: {}, ticks: 0 }, ALL_SAFEGUARDS);
  if (scenario.before.at(-1)?.includes('..')) await run.tick();
  world.stack.now = 'UPDATE_IN_PROGRESS';
  const planned = world.aliasProperties(await world.plan(scenario.target));
  const ready = { scenario, world, parameters: run.parameters, ticks: run.ticks };
  return { ...ready, stored: stored as Properties, planned };
}

/** One order; answers what is wrong in it, with its story. */
export async function runRollout(prepared: Prepared, safeguards: Safeguards, choose: Choose): Promise<string[]> {
  const run = new OneRun({ ...prepared, world: prepared.world.copy('shared state') }, safeguards);
  const tick: Program = (pause) => run.tick(pause);
  const ticks = prepared.ticks === 0 ? [tick, tick, tick] : [tick, tick];
  const controllers: Line[] = safeguards.oneController
    ? [{ name: 'controller', programs: ticks, crashes: 1, redelivers: true }]
    : [
        { name: 'controller', programs: [tick] },
        // It read the metrics before the failures came.
        { name: 'other controller', programs: [(pause) => run.tick(pause, false)] },
      ];
  const lines: Line[] = [{ name: 'stack', programs: [(pause) => run.operate(pause)] }, ...controllers];
  const trace = await interleave(lines, () => run.position(), choose);
  await run.tick();
  run.checkRest();
  return run.wrong.length === 0 ? [] : [...run.wrong, ...trace.map((step) => `    ${step}`)];
}

class OneRun {
  readonly wrong: string[] = [];
  readonly parameters: Map<string, string>;
  ticks: number;
  private readonly world: ReleaseWorld;
  private operation: unknown = 'begins';

  constructor(
    private readonly prepared: Prepared,
    private readonly safeguards: Safeguards,
  ) {
    this.world = prepared.world;
    this.parameters = new Map(prepared.parameters);
    this.ticks = prepared.ticks;
  }

  /** What CloudFormation does, in its order: record, parameters, and all of it back where a sibling fails. */
  async operate(pause: Pause): Promise<void> {
    const { world, prepared } = this;
    const { scenario, stored, planned } = prepared;
    const before = new Map(this.parameters);
    // The same id in every order: a position is known again by what the ledger holds.
    const forward = { ...event('PromptAlias', 'Update', planned, stored), RequestId: 'request-forward' };
    world.stack.begin(forward);
    const answered = await this.answerOf(forward, pause);
    const values = valuesOf(answered, scenario.first);
    const written = { nowhere: 2, record: 0, parameter: 1, parameters: 2 }[scenario.fails];
    for (const [name, value] of values.slice(0, written)) await this.write(name, value, pause);
    if (scenario.fails === 'nowhere') {
      world.stack.turn('UPDATE_COMPLETE');
      this.operation = 'done';
      return;
    }
    await pause('rollback begins');
    world.stack.turn('UPDATE_ROLLBACK_IN_PROGRESS');
    this.operation = 'goes back';
    const declared = scenario.before.at(-1) ?? 'none';
    const properties =
      scenario.attributes === 'fresh' ? world.aliasProperties(await world.plan(declared, 'none', pause)) : stored;
    const back = { ...event('PromptAlias', 'Update', properties, planned), RequestId: 'request-back' };
    world.stack.begin(back);
    const undone = new Map(valuesOf(await this.answerOf(back, pause), scenario.first));
    for (const [name] of values.slice(0, written)) {
      const value = scenario.attributes === 'fresh' ? undone.get(name) : before.get(name);
      await this.write(name, value ?? 'none', pause);
    }
    world.stack.turn('UPDATE_ROLLBACK_COMPLETE');
    this.operation = 'went back';
  }

  private async answerOf(request: Parameters<ReleaseWorld['send']>[0], pause: Pause): Promise<Attributes> {
    try {
      return await this.world.send(request, pause);
    } catch (error) {
      this.wrong.push(`the stack was refused: ${error}`);
      return {};
    } finally {
      this.check();
    }
  }

  private async write(name: string, value: string, pause: Pause): Promise<void> {
    await pause(`parameter ${name.slice(POINTER.length) || 'pointer'}`);
    this.parameters.set(name, value);
    this.check();
  }

  /** One invocation of the real controller, ten minutes after the one before. */
  async tick(pause?: Pause, isBad = this.prepared.scenario.isBad): Promise<void> {
    this.ticks += 1;
    const now = Date.UTC(2026, 11, 2) + this.ticks * 600_000;
    try {
      await controlRollouts({}, this.controllerDeps(now, isBad, pause));
    } catch (error) {
      this.wrong.push(`the controller failed: ${error}`);
    }
  }

  private controllerDeps(now: number, isBad: boolean, pause?: Pause): RolloutDeps {
    const { bucket } = this.world;
    const call = async <T>(what: string, make: () => T | Promise<T>, local = false): Promise<T> => {
      if (pause === undefined || local) return make();
      await pause(what);
      const result = await make();
      pause.saw(result instanceof Map ? [...result] : result);
      return result;
    };
    let held: [string, string] | undefined;
    const overwrite = async (name: string, value: string) => {
      await call('put parameter', () => {
        this.parameters.set(name, value);
        this.check();
      });
    };
    return {
      ledger: {
        list: (prefix, limit, after) => call('list', () => bucket.list(prefix, limit, after)),
        folders: (prefix) => bucket.folders(prefix),
        read: (key) => call('read', () => bucket.read(key), bucket.objects.has(key)),
        putIfAbsent: async (key, body) => {
          const outcome = await call('put step', () => bucket.putIfAbsent(key, body));
          this.check();
          if (held) await overwrite(...held);
          held = undefined;
          return outcome;
        },
      },
      parameters: {
        below: () => call('find', () => new Map(this.parameters)),
        overwrite: async (name, value) => {
          const isHalt = parseProgress(value)?.state === 'halt';
          if (isHalt && !this.safeguards.haltOrder && !held) held = [name, value];
          else await overwrite(name, value);
        },
      },
      alarms: { states: async () => new Map() },
      metrics: {
        sums: async (metrics, { from }) =>
          metrics.map(({ metric, version }) => {
            const isStable = version === 2;
            const uses = isStable ? 950 : 50;
            const failed = isStable ? 9 : isBad ? 25 : 0;
            return new Map([[from.getTime(), metric === 'FirstErrors' ? failed : uses]]);
          }),
      },
      publish: async () => {},
      registry: '/prompts/prod',
      now: () => now,
      log: () => {},
    };
  }

  /** What must hold at every moment. */
  private check(): void {
    const rollout = parseRollout(this.parameters.get(ROLLOUT));
    const progress = parseProgress(this.parameters.get(PROGRESS));
    if (!rollout || progress?.state !== 'step') return;
    if (this.safeguards.planId && progress.plan !== rollout.plan) return;
    const { plan } = rollout;
    const steps = this.stepsOf(plan);
    const isRecorded = steps.some(({ kind, n, step }) => kind === 'step' && n === progress.n && step === progress.step);
    if (!isRecorded) this.note(`plan ${plan} serves step ${progress.step} without a record`);
    if (steps.some(({ kind }) => kind === 'halt')) this.note(`plan ${plan} serves after a recorded halt`);
  }

  private note(what: string): void {
    if (!this.wrong.includes(what)) this.wrong.push(what);
  }

  private stepsOf(plan: number) {
    return [...this.world.bucket.objects].flatMap(([key, body]) =>
      parseStepKey(key)?.plan === plan ? [parseStep(body)] : [],
    );
  }

  /** What must hold once nobody does anything any more. */
  checkRest(): void {
    const { records, findings } = this.world.chain();
    for (const { problem, message } of findings) this.note(`chain: ${problem} ${message}`);
    const head = records.at(-1);
    const rollout = parseRollout(this.parameters.get(ROLLOUT));
    const progress = parseProgress(this.parameters.get(PROGRESS));
    const pointer = Number(this.parameters.get(POINTER)?.split(':').pop());
    if (pointer !== head?.to?.version) this.note(`the pointer says ${pointer}, the ledger ${head?.to?.version}`);
    const inForce = head?.rollout ?? null;
    if (rollout?.plan !== inForce?.plan) this.note(`the plan is ${rollout?.plan}, the ledger says ${inForce?.plan}`);
    const { scenario } = this.prepared;
    const declared = scenario.fails === 'nowhere' ? scenario.target : (scenario.before.at(-1) ?? '');
    const place = `${head?.to?.version}${inForce ? `..${inForce.candidate.version}` : ''}`;
    if (place !== declared) this.note(`the stack declares ${declared}, the ledger says ${place}`);
    const newest = inForce && this.stepsOf(inForce.plan).sort((a, b) => b.n - a.n)[0];
    if ((progress?.n ?? null) !== (newest?.n ?? null)) this.note(`progress ${progress?.n}, chain ${newest?.n}`);
    if (newest && progress?.state !== newest.kind) this.note(`progress ${progress?.state}, chain ${newest.kind}`);
    this.checkPlans(records);
  }

  private checkPlans(records: readonly ReturnType<typeof parseRecord>[]): void {
    const candidates = new Map<number, number>();
    for (const { rollout } of records) {
      if (!rollout) continue;
      const { plan, candidate } = rollout;
      if ((candidates.get(plan) ?? candidate.version) !== candidate.version)
        this.note(`plan ${plan} means two candidates`);
      candidates.set(plan, candidate.version);
      const began = [...this.world.bucket.objects].find(
        ([key, body]) => key.startsWith(`ledger/${PROMPT_ID}/PROD/`) && parseRecord(body).sequence === plan,
      );
      const entries = [...this.world.bucket.objects].map(([key, body]) => ({ key, body }));
      const own = entries.filter(({ key }) => parseStepKey(key)?.plan === plan);
      for (const { message } of verifySteps(own, recordDigest(began?.[1] ?? '')).findings) this.note(message);
    }
  }

  position(): unknown {
    return [
      [...this.world.bucket.objects.keys()],
      [...this.world.bucket.objects.values()].map(numberOf),
      [...this.parameters.values()],
      [this.ticks, this.world.stack.now, this.world.now(), this.operation],
      this.wrong,
    ];
  }
}

/** The two parameters that CloudFormation writes from the record's attributes. */
function valuesOf({ VersionArn = 'none', Rollout = 'none' }: Attributes, first: 'pointer' | 'rollout') {
  const values: [string, string][] = [
    [POINTER, String(VersionArn)],
    [ROLLOUT, String(Rollout)],
  ];
  return first === 'pointer' ? values : values.reverse();
}

const numbers = new Map<string, number>();

function numberOf(body: string): number {
  const number = numbers.get(body) ?? numbers.size;
  numbers.set(body, number);
  return number;
}

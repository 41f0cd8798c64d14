import {
  parseProgress,
  parseRollout,
  type RolloutProgress,
  type RolloutValue,
} from '../../core/contract/rollout-parameters';
import { parseStepKey } from '../../core/ledger/layout';
import { parseRecord, recordDigest } from '../../core/ledger/record';
import { parseStep, verifySteps } from '../../core/ledger/rollout-step';
import { formatRolloutSettings } from '../../core/rollout/settings';
import { shareAt } from '../../core/rollout/share';
import type { Attributes } from '../../lambda/attributes';
import type { RolloutDeps } from '../../lambda/prompt-rollout/deps';
import { controlRollouts } from '../../lambda/prompt-rollout/handler';
import { event, PROMPT_ID } from './events';
import { type Properties, ReleaseWorld } from './release-world';
import { type Choose, interleave, type Line, type Pause, type Program } from './schedule';

const POINTER = '/prompts/prod/financial-analysis/PROD';
const ROLLOUT = `${POINTER}/rollout`;
const PROGRESS = `${POINTER}/rollout-progress`;
/** How early a step is written, and how long a share holds without a controller, as documented. */
const NOTICE = 75_000;
const LIFE = 30 * 60_000;
/** What a plan takes in a `ReleaseWorld`. */
const PLANNING = 1000;

/** What a stack update does to an alias. */
export interface StackUpdate {
  readonly target: string;
  /** @default none more than before */
  readonly withdrawn?: string;
  /** Where a sibling fails: after the record, after one parameter, after both; or nowhere. */
  readonly fails: 'record' | 'parameter' | 'parameters' | 'nowhere';
  readonly attributes: 'stored' | 'fresh';
}

/**
 * `one`: it dies anywhere, and is delivered again. `two`: its reserved concurrency is taken away, and the other one read the
 * metrics before failures came. `late`: it is stopped at its time limit with a put on its way, which takes effect later.
 */
export type Controllers = 'one' | 'two' | 'late';

/** Stack operations over an alias, while a controller ticks. */
export interface RolloutScenario {
  readonly name: string;
  /** What was declared before, oldest first; after the last one a controller was there. */
  readonly before: readonly string[];
  /** One after the other. */
  readonly updates: readonly StackUpdate[];
  /** Which parameter CloudFormation writes first. */
  readonly first: 'pointer' | 'rollout';
  /** The candidate fails, so that the controller halts; else it goes forward. */
  readonly isBad: boolean;
  readonly controllers: Controllers;
}

/** What holds the rules, each of which can be taken out. */
export interface Safeguards {
  /** Readers take a progress only for the plan that it names. */
  readonly planId: boolean;
  /** A halt comes to the parameter before it is recorded. */
  readonly haltOrder: boolean;
  /** A step begins at a time by which every process has read it. */
  readonly at: boolean;
  /** A share ends by itself. */
  readonly until: boolean;
}

export const ALL_SAFEGUARDS: Safeguards = { planId: true, haltOrder: true, at: true, until: true };

const RUNNING = ['1', '2', '2..3'];
const OPERATIONS = [
  { name: 'start 2..3', before: ['1', '2'], target: '2..3' },
  { name: 'settle 2..3', before: RUNNING, target: '3' },
  { name: 'end 2..3', before: RUNNING, target: '2' },
  { name: 'replace 2..3 by 2..4', before: RUNNING, target: '2..4' },
  { name: 'back to 1 from 2..3', before: RUNNING, target: '1' },
  { name: 'withdraw 3 from 2..3', before: RUNNING, target: '2..3', withdrawn: '3' },
];

const ENDS = (['nowhere', 'record', 'parameter', 'parameters'] as const).flatMap((fails) =>
  (['stored', 'fresh'] as const)
    .filter((attributes) => fails !== 'nowhere' || attributes === 'stored')
    .map((attributes) => ({ fails, attributes })),
);

/** One operation, one controller. */
export const singleScenarios: RolloutScenario[] = OPERATIONS.flatMap(({ name, before, ...update }) =>
  ENDS.flatMap((end) =>
    // Where one of them stays unwritten it matters which.
    (end.fails === 'parameter' ? (['pointer', 'rollout'] as const) : (['pointer'] as const)).flatMap((first) =>
      [false, true].map((isBad) => ({
        name: `${name}, ${said(end)}, ${first} first, ${isBad ? 'bad' : 'good'}`,
        before,
        updates: [{ ...update, ...end }],
        first,
        isBad,
        controllers: 'one' as const,
      })),
    ),
  ),
);

/** What can follow an operation; a rollout can be started only where none runs, and only one that runs can be settled. */
const PAIRS: readonly (readonly [name: string, before: readonly string[], then: Readonly<Record<string, Then>>])[] = [
  ['start 2..3', ['1', '2'], ofRunning(3, 4)],
  ['replace 2..3 by 2..4', RUNNING, ofRunning(4, 3)],
  ['settle 2..3', RUNNING, { start: ['3..4'], rollback: ['2'], withdraw: ['3', '2'] }],
  ['end 2..3', RUNNING, { start: ['2..3'], 'start another': ['2..4'], rollback: ['1'], withdraw: ['2', '3'] }],
  ['back to 1 from 2..3', RUNNING, { start: ['1..4'], withdraw: ['1', '3'] }],
  [
    'withdraw 3 from 2..3',
    RUNNING,
    { start: ['2..4', '3'], end: ['2', '3'], rollback: ['1', '3'], settle: ['2', '3'] },
  ],
];

type Then = readonly [target: string, withdrawn?: string];

function ofRunning(candidate: number, other: number): Readonly<Record<string, Then>> {
  return {
    replace: [`2..${other}`],
    settle: [`${candidate}`],
    end: ['2'],
    rollback: ['1'],
    withdraw: [`2..${candidate}`, `${candidate}`],
  };
}

/** Whole and whole; the first or the second failing after all was written. */
const ENDS_OF_PAIRS: readonly (readonly [Ends, Ends])[] = [
  [
    { fails: 'nowhere', attributes: 'stored' },
    { fails: 'nowhere', attributes: 'stored' },
  ],
  [
    { fails: 'parameters', attributes: 'stored' },
    { fails: 'nowhere', attributes: 'stored' },
  ],
  [
    { fails: 'nowhere', attributes: 'stored' },
    { fails: 'parameters', attributes: 'fresh' },
  ],
];

type Ends = Pick<StackUpdate, 'fails' | 'attributes'>;

function said({ fails, attributes }: Ends): string {
  return fails === 'nowhere' ? 'whole' : `fails after ${fails}, ${attributes}`;
}

/** Two operations, under each kind of controllers. A pair whose first one fails goes on from where it began. */
export const pairScenarios: RolloutScenario[] = PAIRS.flatMap(([name, before, then]) => {
  const { target, withdrawn } = OPERATIONS.find((one) => one.name === name) as (typeof OPERATIONS)[number];
  return ENDS_OF_PAIRS.flatMap(([one, other]) => {
    const isUndone = one.fails !== 'nowhere';
    const follows = isUndone && before === RUNNING ? ofRunning(3, 4) : isUndone ? { start: ['2..3'] as Then } : then;
    return Object.entries(follows).flatMap(([next, [nextTarget, nextWithdrawn]]) =>
      (['one', 'two', 'late'] as const).map((controllers) => ({
        name: `${name}, ${said(one)}; ${next}, ${said(other)}; ${controllers}`,
        before,
        updates: [
          { target, ...(withdrawn && { withdrawn }), ...one },
          { target: nextTarget, ...(nextWithdrawn && { withdrawn: nextWithdrawn }), ...other },
        ],
        first: 'pointer' as const,
        isBad: true,
        controllers,
      })),
    );
  });
});

/** What all orders of a scenario have in common. */
export interface Prepared {
  readonly scenario: RolloutScenario;
  readonly world: ReleaseWorld;
  readonly parameters: ReadonlyMap<string, string>;
  readonly stored: Properties;
  readonly ticks: number;
  /** What the plan answered, which no controller has a part in. */
  readonly plans: Map<string, Properties>;
  /** What more than one controller does until the next tick puts it right, in any order so far. */
  readonly meanwhile: Set<string>;
}

/**
 * `every call`: all of them. `what others see`: not those that commute with all that others do: the one stack alone changes
 * its status, the alias's records and the pointer, of which a controller takes the prompt only; one controller alone writes
 * steps. A death before such a call leaves what a death before the next one leaves, for none of them changes anything.
 */
export type Places = 'every call' | 'what others see';

/** What an order comes to. */
export interface RolloutEnd {
  readonly wrong: readonly string[];
  readonly rest: string;
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
  const begun: Prepared = {
    scenario,
    world,
    parameters,
    stored: stored as Properties,
    ticks: 0,
    plans: new Map(),
    meanwhile: new Set(),
  };
  const run = new OneRun(begun, ALL_SAFEGUARDS, 'every call');
  if (scenario.before.at(-1)?.includes('..')) await run.tick();
  return { ...begun, parameters: run.parameters, ticks: run.ticks };
}

/**
 * One order; answers what is wrong in it, with its story.
 *
 * @param ended told what it came to
 */
export async function runRollout(
  prepared: Prepared,
  safeguards: Safeguards,
  choose: Choose,
  places: Places = 'what others see',
  ended?: (end: RolloutEnd) => void,
): Promise<string[]> {
  const pauses = places === 'every call' ? 'shared state' : 'what controllers change';
  const run = new OneRun({ ...prepared, world: prepared.world.copy(pauses) }, safeguards, places);
  const { controllers, isBad, updates } = prepared.scenario;
  const tick = (bad: boolean): Program => {
    return (pause) => run.tick(pause, bad);
  };
  const ticks = prepared.ticks === 0 && updates.length === 1 ? 3 : 2;
  const lines: Record<Controllers, Line[]> = {
    one: [{ name: 'controller', programs: Array(ticks).fill(tick(isBad)), crashes: 1, redelivers: true }],
    two: [
      { name: 'controller', programs: [tick(isBad)] },
      { name: 'other controller', programs: [tick(false)] },
    ],
    late: [{ name: 'controller', programs: [tick(false), tick(isBad)], timeouts: 1 }],
  };
  const stack: Line = { name: 'stack', programs: [(pause) => run.operate(pause)] };
  const trace = await interleave([stack, ...lines[controllers]], () => run.position(), choose);
  run.checkEnd();
  await run.tick();
  run.checkRest();
  ended?.({ wrong: run.wrong, rest: run.rest() });
  return run.wrong.length === 0 ? [] : [...run.wrong, ...trace.map((step) => `    ${step}`)];
}

class OneRun {
  readonly wrong: string[] = [];
  readonly parameters: Map<string, string>;
  ticks: number;
  private readonly world: ReleaseWorld;
  private operation: unknown = 'begins';
  private declared: string;
  private withdrawn = 'none';

  constructor(
    private readonly prepared: Prepared,
    private readonly safeguards: Safeguards,
    private readonly places: Places,
  ) {
    this.declared = prepared.scenario.before.at(-1) ?? 'none';
    this.world = prepared.world;
    this.parameters = new Map(prepared.parameters);
    this.ticks = prepared.ticks;
  }

  /** One update after the other. */
  async operate(pause: Pause): Promise<void> {
    let { stored } = this.prepared;
    for (const [index, update] of this.prepared.scenario.updates.entries()) {
      pause.forgets();
      stored = await this.update(update, index, stored, pause);
    }
  }

  /** What CloudFormation does, in its order: record, parameters, and all of it back where a sibling fails. */
  private async update(update: StackUpdate, index: number, stored: Properties, pause: Pause): Promise<Properties> {
    const { world } = this;
    const { scenario } = this.prepared;
    const withdrawn = update.withdrawn ?? this.withdrawn;
    world.stack.now = 'UPDATE_IN_PROGRESS';
    world.declared = this.declared;
    const planned = await this.plan(`${index} forward`, update.target, withdrawn, pause);
    const before = new Map(this.parameters);
    // The same id in every order: a position is known again by what the ledger holds.
    const forward = { ...event('PromptAlias', 'Update', planned, stored), RequestId: `request-forward-${index}` };
    world.stack.begin(forward);
    const answered = await this.answerOf(forward, pause);
    const values = valuesOf(answered, scenario.first);
    const written = { nowhere: 2, record: 0, parameter: 1, parameters: 2 }[update.fails];
    for (const [name, value] of values.slice(0, written)) await this.write(name, value, pause);
    if (update.fails === 'nowhere') {
      world.stack.turn('UPDATE_COMPLETE');
      this.operation = `done ${index}`;
      this.declared = update.target;
      this.withdrawn = withdrawn;
      return planned;
    }
    if (this.places === 'every call') await pause('rollback begins');
    world.stack.turn('UPDATE_ROLLBACK_IN_PROGRESS');
    this.operation = `goes back ${index}`;
    const properties =
      update.attributes === 'fresh' ? await this.plan(`${index} back`, this.declared, this.withdrawn, pause) : stored;
    const back = { ...event('PromptAlias', 'Update', properties, planned), RequestId: `request-back-${index}` };
    world.stack.begin(back);
    const undone = new Map(valuesOf(await this.answerOf(back, pause), scenario.first));
    for (const [name] of values.slice(0, written)) {
      const value = update.attributes === 'fresh' ? undone.get(name) : before.get(name);
      await this.write(name, value ?? 'none', pause);
    }
    world.stack.turn('UPDATE_ROLLBACK_COMPLETE');
    this.operation = `went back ${index}`;
    return properties;
  }

  private async plan(which: string, target: string, withdrawn: string, pause: Pause): Promise<Properties> {
    const { world, prepared, places } = this;
    const known = places === 'every call' ? undefined : prepared.plans.get(which);
    if (known) {
      world.pass(PLANNING);
      return known;
    }
    const planned = world.aliasProperties(await world.plan(target, withdrawn, pause));
    prepared.plans.set(which, planned);
    return planned;
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
    if (this.places === 'every call' || name !== POINTER) {
      await pause(`parameter ${name.slice(POINTER.length) || 'pointer'}`);
    }
    this.parameters.set(name, value);
    this.check();
  }

  /** One invocation of the real controller, ten minutes after the one before. */
  async tick(pause?: Pause, isBad = this.prepared.scenario.isBad): Promise<void> {
    // Two at once come at one time.
    if (pause === undefined || this.prepared.scenario.controllers !== 'two' || this.ticks === this.prepared.ticks) {
      this.ticks += 1;
    }
    const now = timeOf(this.ticks);
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
      pause.saw(result instanceof Map ? [...result].filter(([name]) => !isReduced || name !== POINTER) : result);
      return result;
    };
    const isReduced = this.places === 'what others see';
    const isOne = this.prepared.scenario.controllers === 'one';
    let held: [string, string] | undefined;
    const overwrite = async (name: string, value: string) => {
      await call('put parameter', () => {
        this.checkReaders(value, now);
        this.parameters.set(name, value);
        this.check();
      });
    };
    return {
      ledger: {
        list: (prefix, limit, after) =>
          call('list', () => bucket.list(prefix, limit, after), isReduced && isOne && prefix.startsWith('rollouts/')),
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
          metrics.map(({ metric }, index) => {
            // Both of the candidate, both of stable, and uses of the candidate.
            const isStable = index === 2 || index === 3;
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
    if (steps.some(({ kind }) => kind === 'halt')) this.note(`plan ${plan} serves after a recorded halt`, 'meanwhile');
  }

  /** Until every process has read a new value, those that have and those that have not must serve the same share. */
  private checkReaders(value: string, now: number): void {
    const rollout = parseRollout(this.parameters.get(ROLLOUT));
    const [old, next] = [parseProgress(this.parameters.get(PROGRESS)), parseProgress(value)];
    if (old?.plan !== next?.plan || old?.state !== 'step' || next?.state !== 'step') return;
    for (const time of [now, now + NOTICE - 1]) {
      const [before, after] = [this.shareAt(rollout, old, time), this.shareAt(rollout, next, time)];
      if (before !== after) this.note(`plan ${next.plan}: ${before} and ${after} % at once`, 'meanwhile');
    }
  }

  /** What readers serve, as far as they keep to `at` and `until`. */
  private shareAt(rollout: RolloutValue | null, progress: RolloutProgress | null, time: number): number {
    const { at, until } = this.safeguards;
    const long = { at: new Date(0).toISOString(), until: new Date(8e15).toISOString() };
    return shareAt(
      rollout,
      progress && { ...progress, ...(!at && { at: long.at }), ...(!until && { until: long.until }) },
      time,
    );
  }

  /** What must hold once no controller comes any more. */
  checkEnd(): void {
    const [rollout, progress] = [this.parameters.get(ROLLOUT), this.parameters.get(PROGRESS)];
    const share = this.shareAt(parseRollout(rollout), parseProgress(progress), timeOf(this.ticks) + LIFE);
    if (share > 0) this.note(`${share} % get the candidate though no controller is there`);
  }

  /** @param lasts what only one controller prevents: with others it is so until the next tick */
  private note(what: string, lasts: 'for good' | 'meanwhile' = 'for good'): void {
    const { scenario, meanwhile } = this.prepared;
    // Plays no part in how an order goes on, and so has none in its position.
    if (lasts === 'meanwhile' && scenario.controllers !== 'one') meanwhile.add(what);
    else if (!this.wrong.includes(what)) this.wrong.push(what);
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
    // A withdrawal ends the rollout, and goes on being declared.
    const [stable = '', candidate] = this.declared.split('..');
    const declared = candidate !== undefined && candidate !== this.withdrawn ? this.declared : stable;
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

  /** All that is left once nobody does anything any more. */
  rest(): string {
    const { bucket } = this.world;
    const objects = [...bucket.objects].sort(([a], [b]) => (a < b ? -1 : 1));
    return JSON.stringify([objects, [...this.parameters].sort(), [...this.wrong].sort()]);
  }

  position(): unknown {
    return [
      [...this.world.bucket.objects.keys()],
      [...this.world.bucket.objects.values()].map(numberOf),
      [...this.parameters.values()],
      [this.ticks, this.world.stack.now, this.world.now(), this.operation],
      [this.declared, this.withdrawn],
      this.wrong,
    ];
  }
}

function timeOf(tick: number): number {
  return Date.UTC(2026, 11, 2) + tick * 600_000;
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

import type { CustomResourceEvent } from '../../lambda/custom-resource-event';
import { event } from './events';
import { type Pauses, type Properties, ReleaseWorld } from './release-world';
import { type Choose, interleave, type Line, type Program } from './schedule';

export interface Scenario {
  readonly name: string;
  /** Releases before; the alias does not exist yet where there is none. */
  readonly before: readonly [target: string, withdrawn: string][];
  /** The release whose sibling fails. */
  readonly target: string;
  readonly withdrawn: string;
  /** What CloudFormation hands to the alias on its way back: what it stored, or what the plan says when asked again. */
  readonly attributes: 'stored' | 'fresh';
}

const releases: Omit<Scenario, 'attributes'>[] = [
  { name: 'promote 1 → 2', before: [['1', 'none']], target: '2', withdrawn: 'none' },
  {
    name: 'roll 2 → 1 back',
    before: [
      ['1', 'none'],
      ['2', 'none'],
    ],
    target: '1',
    withdrawn: 'none',
  },
  { name: 'first promotion – → 1', before: [['none', 'none']], target: '1', withdrawn: 'none' },
  {
    name: 'withdraw 1 from under 2',
    before: [
      ['1', 'none'],
      ['2', 'none'],
    ],
    target: '2',
    withdrawn: '1',
  },
  { name: 'promote and withdraw at once', before: [['1', 'none']], target: '2', withdrawn: '1' },
  { name: 'a new plan that moves nothing', before: [['1', 'none']], target: '1', withdrawn: 'none' },
];

export const scenarios: Scenario[] = [
  ...releases.flatMap((release) => [
    { ...release, attributes: 'stored' as const },
    { ...release, attributes: 'fresh' as const },
  ]),
  { name: 'create an alias on 1', before: [], target: '1', withdrawn: 'none', attributes: 'stored' },
];

export interface Extras {
  readonly pauses: Pauses;
  /** How often the forward and the back invocation may each die, at any point. */
  readonly crashes: number;
  /** How often each may lose the answer to a put. */
  readonly losses: number;
  /** What comes once more: the forward event after the rollback, or the event that went back after the next release. */
  readonly late?: 'forward' | 'back';
}

/** The common start of all runs of a scenario, made once. */
export interface Prepared {
  readonly scenario: Scenario;
  readonly world: ReleaseWorld;
  readonly stored: Properties | undefined;
  readonly planned: Properties;
  readonly forward: CustomResourceEvent;
}

export async function prepare(scenario: Scenario): Promise<Prepared> {
  const world = new ReleaseWorld();
  let stored: Properties | undefined;
  for (const [target, withdrawn] of scenario.before) stored = await world.release(target, stored, withdrawn);
  world.stack.now = stored ? 'UPDATE_IN_PROGRESS' : 'CREATE_IN_PROGRESS';
  const planned = world.aliasProperties(await world.plan(scenario.target, scenario.withdrawn));
  const forward = event('PromptAlias', stored ? 'Update' : 'Create', planned, stored);
  world.stack.begin(forward);
  return { scenario, world, stored, planned, forward };
}

/** One run; answers what is wrong at its end, with the order that led there. */
export async function run(prepared: Prepared, extras: Extras, choose: Choose): Promise<string[]> {
  const { scenario, stored, planned, forward } = prepared;
  const world = prepared.world.copy(extras.pauses);
  const wrong: string[] = [];
  const [oldTarget, oldWithdrawn] = scenario.before.at(-1) ?? ['none', 'none'];
  const place = oldTarget === 'none' ? null : Number(oldTarget);
  let kept = stored;
  let back: CustomResourceEvent | undefined;
  let rolledBack = false;
  let released = false;
  let answered = false;

  const goForward: Program = async (pause) => {
    await world.alias(forward, pause).catch(() => {});
    await pause('answer');
  };
  const goBack: Program = async (pause) => {
    try {
      await world.alias(back as CustomResourceEvent, pause);
    } catch (error) {
      wrong.push(`going back was refused: ${error}`);
    }
    await pause('answer');
    answered = true;
  };
  const startRollback: Program = async (pause) => {
    await pause('rollback begins');
    world.stack.turn(stored ? 'UPDATE_ROLLBACK_IN_PROGRESS' : 'ROLLBACK_IN_PROGRESS');
    if (stored && scenario.attributes === 'fresh')
      kept = world.aliasProperties(await world.plan(oldTarget, oldWithdrawn, pause));
    back = {
      ...event('PromptAlias', stored ? 'Update' : 'Delete', stored ? (kept as Properties) : planned, stored && planned),
      RequestId: 'request-back',
    };
    world.stack.begin(back);
  };
  const endRollback: Program = async (pause) => {
    await pause('rollback ends');
    world.stack.turn(stored ? 'UPDATE_ROLLBACK_COMPLETE' : 'ROLLBACK_COMPLETE');
    rolledBack = true;
    expectHead('after the rollback', place);
  };
  const release: Program = async (pause) => {
    await pause('next release begins');
    expectHead('before the next release', place);
    world.stack.now = 'UPDATE_IN_PROGRESS';
    const next = world.aliasProperties(await world.plan('3', 'none', pause));
    try {
      const request = event('PromptAlias', stored ? 'Update' : 'Create', next, kept);
      world.stack.begin(request);
      await world.alias({ ...request, RequestId: 'request-next' }, pause);
    } catch (error) {
      wrong.push(`the next release was refused: ${error}`);
    }
    world.stack.turn('UPDATE_COMPLETE');
    released = true;
  };
  function expectHead(when: string, expected: number | null): void {
    if (world.head() !== expected) wrong.push(`${when}: the stack says ${expected}, the ledger ${world.head()}`);
  }

  const { crashes, losses } = extras;
  const lines: Line[] = [
    { name: 'forward', programs: [goForward], crashes, losses },
    { name: 'stack', programs: [startRollback] },
    {
      name: 'back',
      programs: [goBack],
      crashes,
      losses,
      redelivers: true,
      startsWhen: () => back !== undefined,
    },
    { name: 'stack', programs: [endRollback], startsWhen: () => answered },
    { name: 'next', programs: [release], startsWhen: () => rolledBack },
  ];
  if (extras.late === 'forward') {
    lines.push({ name: 'forward again', programs: [goForward], startsWhen: () => rolledBack });
  }
  if (extras.late === 'back') {
    lines.push({ name: 'back again', programs: [goBack], startsWhen: () => released });
  }
  const shared = () => {
    return [bodies(world), world.stack.now, [...world.stack.inProgress], kept, rolledBack, released, answered, wrong];
  };
  const trace = await interleave(lines, shared, choose);

  expectHead('after the next release', 3);
  for (const { problem, message } of world.chain().findings) wrong.push(`chain: ${problem} ${message}`);
  return wrong.length === 0 ? [] : [...wrong, ...trace.map((step) => `    ${step}`)];
}

const numbers = new Map<string, number>();

/** What the bucket holds, each body as a number: positions are compared often. */
function bodies({ bucket }: ReleaseWorld): [string, number][] {
  return [...bucket.objects].map(([key, body]) => {
    const number = numbers.get(body) ?? numbers.size;
    numbers.set(body, number);
    return [key, number];
  });
}

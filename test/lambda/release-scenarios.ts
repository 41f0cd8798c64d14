import type { CustomResourceEvent } from '../../lambda/custom-resource-event';
import { event } from './events';
import { agree, GATES, isRefused, reject, say } from './gated-world';
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
  /** The alias has a gate, all agreed when the release was planned, and this happens at any time from then on. */
  readonly gated?: 'reject' | 'approve' | 'expire';
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

/** Forward and back under a gate, times what reviewers and time do meanwhile. */
export const gatedScenarios: Scenario[] = (['reject', 'approve', 'expire'] as const).flatMap((gated) =>
  releases
    .filter(({ name }) => /^(promote 1|roll 2|first|withdraw)/.test(name))
    .map((release) => ({ ...release, attributes: 'stored' as const, gated })),
);

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
  if (scenario.gated) {
    world.gates = GATES;
    agree(world, Number(scenario.target));
  }
  world.stack.now = stored ? 'UPDATE_IN_PROGRESS' : 'CREATE_IN_PROGRESS';
  const planned = world.aliasProperties(await world.plan(scenario.target, scenario.withdrawn));
  const forward = event('PromptAlias', stored ? 'Update' : 'Create', planned, stored);
  world.stack.begin(forward);
  if (scenario.gated === 'approve') reject(world, Number(scenario.target));
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
  let reviewed = !scenario.gated;

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
  const review: Program = async (pause) => {
    await pause(`${scenario.gated}`);
    const said = { who: 'carol', as: 'risk', version: Number(scenario.target) };
    if (scenario.gated === 'reject') say(world, { ...said, kind: 'reject' });
    if (scenario.gated === 'approve') say(world, { ...said, kind: 'approve' });
    if (scenario.gated === 'expire') world.pass(8 * 86_400_000);
    reviewed = true;
  };
  const release: Program = async (pause) => {
    await pause('next release begins');
    if (scenario.gated) agree(world, 3);
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
  // What is said later may or may not be heard; what was said before must be.
  const heard: Record<string, { readonly refused: boolean; readonly folder: string }> = {};
  world.asked = (folder) => {
    if (folder.endsWith('/@risk/')) heard[folder.split('/')[3] ?? ''] = { refused: isRefused(world, folder), folder };
  };
  world.appended = (record) => {
    const isForward = record.to !== null && record.to.version !== record.from?.version && !record.undo;
    if (!scenario.gated || !isForward) return;
    const how = record.passed?.how ?? 'nothing';
    const hearing = heard[record.to?.digest ?? ''];
    if (how === 'nothing') wrong.push(`record ${record.sequence} moved and says nothing of the gate`);
    if (how === 'back' && hearing) wrong.push(`record ${record.sequence} went back and read reviews`);
    if (how !== 'agreed') return;
    if (!hearing || (hearing.refused && isRefused(world, hearing.folder))) {
      wrong.push(`record ${record.sequence} moved against what was said before`);
    }
  };
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
    // What is said of another content is nothing to the next release, but that it may take days.
    { name: 'next', programs: [release], startsWhen: () => rolledBack && reviewed },
  ];
  if (scenario.gated) lines.push({ name: 'reviewer', programs: [review] });
  if (extras.late === 'forward') {
    lines.push({ name: 'forward again', programs: [goForward], startsWhen: () => rolledBack });
  }
  if (extras.late === 'back') {
    lines.push({ name: 'back again', programs: [goBack], startsWhen: () => released });
  }
  const shared = () => {
    return [
      bodies(world),
      world.stack.now,
      world.now(),
      heard,
      [...world.stack.inProgress],
      kept,
      rolledBack,
      released,
      answered,
      wrong,
    ];
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

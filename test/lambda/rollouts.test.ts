import { beforeEach, describe, expect, test } from 'vitest';
import { stepKey } from '../../core/ledger/layout';
import { parseRecord } from '../../core/ledger/record';
import { STEP_BYTES } from '../../core/ledger/rollout-step';
import { formatGatesByAlias } from '../../core/release/gate';
import type { ModelGate } from '../../core/release/gates/model';
import { formatRolloutSettings } from '../../core/rollout/settings';
import { event, PROMPT_ARN, PROMPT_ID } from './events';
import { agree, digestOf, EVALUATION, GATE, GATES, measure, say } from './gated-world';
import type { Properties } from './release-world';
import { RollingStack, SETTINGS } from './rolling-stack';

const ALARM = 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:too slow: p99';
const VALUE = { v: 1, to: `${PROMPT_ARN}:4`, steps: [5, 25, 50], salt: digestOf(4) };

/** On 3, with 2 and 1 before. */
async function onThree(settings: object = {}): Promise<RollingStack> {
  const stack = new RollingStack(settings);
  for (const target of ['1', '2', '3']) await stack.deploy(target);
  return stack;
}

const candidate = (version: number) => ({ version, digest: digestOf(version), model: 'amazon.nova-pro-v1:0' });

describe('a rollout that is declared', () => {
  let stack: RollingStack;
  beforeEach(async () => {
    stack = await onThree();
  });

  test('begins by a record that leaves the alias where it is, and gives the candidate to its callers', async () => {
    await stack.deploy('3..4');
    expect(stack.newest).toMatchObject({
      ...{ schema: 2, sequence: 4, kind: 'rollout', from: { version: 3 }, to: { version: 3 }, requires: ['rollout'] },
      ...{ passed: null, ended: null, rollout: { plan: 4, candidate: candidate(4), ...SETTINGS } },
    });
    expect(stack.answered).toMatchObject({ Version: '3', VersionArn: `${PROMPT_ARN}:3` });
    expect(stack.value).toEqual({ ...VALUE, plan: 4 });
    expect(stack.callable).toEqual(['4', '3', '2']);
    expect(stack.planned).toMatchObject({ Version: '3', Candidate: '4', CandidateDigest: digestOf(4) });
  });

  test('has an end and scores where its settings are those of a split, and none where they are not', async () => {
    await stack.deploy('3..4');
    expect(Object.keys(stack.newest?.rollout ?? {})).not.toContain('for');
    expect(Object.keys(stack.newest?.rollout ?? {})).not.toContain('scores');
    const split = await onThree({ steps: [50], for: 86_400, scores: ['helpful', 'polite'] });
    await split.deploy('3..4');
    expect(split.newest).toMatchObject({
      ...{ kind: 'rollout', requires: ['rollout'] },
      rollout: { plan: 4, steps: [50], for: 86_400, scores: ['helpful', 'polite'] },
    });
    expect(split.value).toEqual({ ...VALUE, plan: 4, steps: [50], scores: ['helpful', 'polite'] });
    await split.fail('4', 'none', 'fresh');
    expect(split.newest).toMatchObject({
      undo: true,
      rollout: { plan: 4, for: 86_400, scores: ['helpful', 'polite'] },
    });
  });

  test('waits for IAM before anybody gets the candidate, and not where one is taken away', async () => {
    const waits = () => stack.world.waits.splice(0).length;
    waits();
    await stack.deploy('3..4');
    expect(waits()).toBe(1);
    await stack.deploy('3');
    expect(waits()).toBe(0);
  });

  test('settles by its number, and keeps the policy as it was', async () => {
    await stack.deploy('3..4');
    const before = stack.callable;
    const head = stack.step(4, 2);
    await stack.deploy('4');
    expect(stack.newest).toMatchObject({
      ...{ schema: 2, kind: 'promote', from: { version: 3 }, to: { version: 4 }, requires: [], rollout: null },
      ended: { plan: 4, n: 2, head },
    });
    expect(stack.value).toBe('none');
    expect(stack.callable).toEqual(before);
  });

  test('ends by the number where the alias stands; the candidate stays callable for who read it', async () => {
    await stack.deploy('3..4');
    await stack.deploy('3');
    expect(stack.newest).toMatchObject({
      ...{ kind: 'rollout', from: { version: 3 }, to: { version: 3 }, rollout: null, passed: null },
      ended: { plan: 4, n: 0, head: null },
    });
    expect(stack.value).toBe('none');
    expect(stack.callable).toEqual(['4', '3', '2']);
  });

  test('is replaced by another candidate under a plan of its own', async () => {
    stack.world.prompts.add({ name: 'default' });
    await stack.deploy('3..4');
    await stack.deploy('3..5');
    expect(stack.newest).toMatchObject({
      ...{ kind: 'rollout', rollout: { plan: 5, candidate: { version: 5 } }, ended: { plan: 4, n: 0 } },
    });
    expect(stack.callable).toEqual(['5', '4', '3']);
  });

  test('ends where the alias goes back further, or on to something else', async () => {
    await stack.deploy('3..4');
    await stack.deploy('2');
    expect(stack.newest).toMatchObject({ kind: 'rollback', to: { version: 2 }, rollout: null, ended: { plan: 4 } });
  });

  test('goes on under its plan and by the settings of its start, whatever else is deployed', async () => {
    await stack.deploy('3..4');
    stack.world.more = { ...stack.world.more, Rollout: formatRolloutSettings({ ...SETTINGS, steps: [50, 100] }) };
    await stack.deploy('3..4');
    expect(stack.records).toHaveLength(4);
    expect(stack.value).toEqual({ ...VALUE, plan: 4 });
    await stack.deploy('3..4', '1');
    expect(stack.newest).toMatchObject({ kind: 'withdraw', withdrawn: [1], rollout: { plan: 4, steps: [5, 25, 50] } });
    expect(stack.value).toEqual({ ...VALUE, plan: 4 });
    await stack.deploy('3', '1');
    await stack.deploy('3..4', '1');
    expect(stack.value).toEqual({ ...VALUE, plan: 7, steps: [50, 100] });
  });

  test('takes digests for numbers, also where the content has two versions', async () => {
    stack.world.prompts.add(stack.world.prompts.made.get(4)?.variant as never, '');
    await stack.deploy(`${digestOf(3)}..4`);
    expect(stack.value).toEqual({ ...VALUE, plan: 4 });
    await stack.deploy(`${digestOf(3)}..${digestOf(4)}`);
    expect(stack.records).toHaveLength(4);
    await stack.fail(digestOf(4), 'none', 'fresh');
    expect(stack.value).toEqual({ ...VALUE, plan: 4 });
  });

  test('is none where a record of a key `none` says so', async () => {
    const other = await onThree({ key: 'none' });
    await other.deploy('3..4');
    expect(other.value).toEqual({ ...VALUE, plan: 4, key: 'none' });
  });

  test.each([
    ['4..3', 'InvalidRollout'],
    ['3..3', 'InvalidRollout'],
    ['3..2', 'InvalidRollout'],
    ['3..99', 'NoSuchVersion'],
    [`3..pd1:${'0'.repeat(64)}`, 'NoSuchDigest'],
    ['2..4', 'RolloutMovesStable'],
    ['99..4', 'RolloutMovesStable'],
    ['3..', 'InvalidVersionTarget'],
    ['..4', 'InvalidVersionTarget'],
    ['none..4', 'InvalidVersionTarget'],
    ['3..none', 'InvalidVersionTarget'],
    ['3..4..5', 'InvalidVersionTarget'],
    ['3...4', 'InvalidVersionTarget'],
    ['3 .. 4', 'InvalidVersionTarget'],
  ])('is refused as %s', async (target, code) => {
    const expected = target === '4..3' ? 'RolloutMovesStable' : code;
    await expect(stack.deploy(target)).rejects.toMatchObject({ code: expected });
    expect(stack.records).toHaveLength(3);
  });

  // One number alone would be the fix of a plain alias, and here give the version to everybody at once.
  test.each(['3..3', '3..99', `3..pd1:${'0'.repeat(64)}`])(
    'is refused as %s with what to write instead',
    async (target) => {
      await expect(stack.deploy(target)).rejects.toThrow(
        / set \S+ to 3\.\.4, or to 3\.\. and another version above 3$/,
      );
      await stack.deploy('4');
      const [, candidate] = target.split('..');
      await expect(stack.deploy(`4..${candidate === '3' ? 4 : candidate}`)).rejects.toThrow(
        / publish a version above 4 first$/,
      );
    },
  );

  test('is not refused with one to write that was withdrawn', async () => {
    await expect(stack.deploy('3..3', '4')).rejects.toThrow(/ publish a version above 3 first$/);
  });

  test('is refused backwards, of an alias that points nowhere, and without the option', async () => {
    await stack.deploy('4');
    await expect(stack.deploy('4..3')).rejects.toMatchObject({ code: 'InvalidRollout' });
    await expect(new RollingStack().deploy('3..4')).rejects.toMatchObject({ code: 'RolloutMovesStable' });
    const { Rollout, ...more } = stack.world.more;
    stack.world.more = more;
    await expect(stack.deploy('4..5')).rejects.toThrow(/InvalidRollout|has the option rollout|option rollout/);
  });

  test('is ended by who takes the option away', async () => {
    await stack.deploy('3..4');
    const { Rollout, ...more } = stack.world.more;
    stack.world.more = more;
    await stack.deploy('3');
    expect(stack.newest).toMatchObject({ kind: 'rollout', rollout: null, ended: { plan: 4 } });
    expect(stack.answered).not.toHaveProperty('Rollout');
  });

  test('ends with the alias', async () => {
    await stack.deploy('3..4');
    stack.world.stack.now = 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS';
    await stack.world.alias(event('PromptAlias', 'Delete', stack.stored as Properties));
    expect(stack.newest).toMatchObject({ kind: 'remove', to: null, rollout: null, ended: { plan: 4, n: 0 } });
  });
});

describe('a withdrawal', () => {
  test.each(['4', '3'])('of %s ends the rollout in its own record', async (withdrawn) => {
    const stack = await onThree();
    await stack.deploy('3..4');
    await stack.deploy('3..4', withdrawn);
    expect(stack.newest).toMatchObject({
      ...{ kind: 'rollout', to: { version: 3 }, withdrawn: [Number(withdrawn)], rollout: null, ended: { plan: 4 } },
    });
    expect(stack.value).toBe('none');
    expect(stack.callable).not.toContain(withdrawn);
    // Nothing is rolled out again by taking it back.
    await stack.deploy('3..4');
    expect(stack.newest).toMatchObject({ kind: 'withdraw', withdrawn: [], schema: 1 });
    expect(stack.value).toBe('none');
    await stack.deploy('3');
    await stack.deploy('3..4');
    expect(stack.newest).toMatchObject({ kind: 'rollout', rollout: { plan: stack.newest?.sequence } });
  });

  test('of what is to be rolled out, or of what it would stand on, refuses the start', async () => {
    const stack = await onThree();
    await expect(stack.deploy('3..4', '4')).rejects.toMatchObject({ code: 'VersionWithdrawn' });
    await expect(stack.deploy('3..4', '3')).rejects.toMatchObject({ code: 'VersionWithdrawn' });
  });

  test.each(['stored', 'fresh'] as const)(
    'that ended one stays the end of it on a way back with %s attributes',
    async (attributes) => {
      const stack = await onThree();
      stack.world.prompts.add({ name: 'default' });
      await stack.deploy('3..4');
      await stack.deploy('3..4', '4');
      await stack.deploy('3..4');
      await stack.fail('5', 'none', attributes);
      expect(stack.newest).toMatchObject({ undo: true, to: { version: 3 }, schema: 1 });
      expect(stack.value).toBe('none');
      expect(stack.callable).not.toContain('4');
    },
  );
});

describe.each(['stored', 'fresh'] as const)(
  'an operation that fails after its record, undone with %s attributes,',
  (attributes) => {
    const state = (stack: RollingStack) => ({ ...stack.newest, value: stack.value });

    test('takes back the start', async () => {
      const stack = await onThree();
      await stack.fail('3..4', 'none', attributes);
      expect(state(stack)).toMatchObject({
        ...{ undo: true, kind: 'rollout', to: { version: 3 }, rollout: null, ended: { plan: 4, n: 0 }, value: 'none' },
      });
      expect(stack.callable).toEqual(attributes === 'fresh' ? ['3', '2', '1'] : ['4', '3', '2']);
      // The next one has a plan of its own.
      await stack.deploy('3..4');
      expect(stack.value).toEqual({ ...VALUE, plan: 6 });
    });

    test.each([
      ['settles', '4', 'none', 'rollback'],
      ['ends', '3', 'none', 'rollout'],
      ['replaces', '3..5', 'none', 'rollout'],
      ['goes back further', '2', 'none', 'promote'],
      ['withdraws its candidate', '3..4', '4', 'rollout'],
      ['withdraws its stable version', '3..4', '3', 'rollout'],
      ['withdraws another', '3..4', '1', 'withdraw'],
    ])('and %s: the plan is in force again', async (_what, target, withdrawn, kind) => {
      const stack = await onThree();
      stack.world.prompts.add({ name: 'default' });
      await stack.deploy('3..4');
      await stack.fail(target, withdrawn, attributes);
      expect(state(stack)).toMatchObject({
        ...{ undo: true, kind, to: { version: 3 }, withdrawn: [], passed: null, requires: ['rollout'] },
        ...{ rollout: { plan: 4, candidate: candidate(4), ...SETTINGS }, value: { ...VALUE, plan: 4 } },
      });
      if (attributes === 'fresh') expect(stack.callable).toEqual(['4', '3', '2']);
      // And again, from there.
      await stack.fail(target, withdrawn, attributes);
      expect(state(stack)).toMatchObject({ rollout: { plan: 4 }, value: { ...VALUE, plan: 4 } });
      await stack.deploy('4');
      expect(stack.newest).toMatchObject({ kind: 'promote', ended: { plan: 4 } });
    });

    test('and does nothing to the alias leaves the plan in force', async () => {
      const stack = await onThree();
      await stack.deploy('3..4');
      await stack.fail('3..4', 'none', attributes);
      expect(state(stack)).toMatchObject({ kind: 'abandon', rollout: { plan: 4 }, value: { ...VALUE, plan: 4 } });
    });

    test('finds the newest of several rollouts of one content', async () => {
      const stack = await onThree();
      for (const target of ['3..4', '3', '3..4']) await stack.deploy(target);
      await stack.fail('4', 'none', attributes);
      expect(state(stack)).toMatchObject({ rollout: { plan: 6 }, value: { ...VALUE, plan: 6 } });
      await stack.deploy('3');
      await stack.fail('3..4', 'none', attributes);
      expect(state(stack)).toMatchObject({ rollout: null, value: 'none' });
    });
  },
);

describe('a way back where the steps cannot be read', () => {
  test('says that it does not know how far the rollout came, and goes', async () => {
    const stack = await onThree();
    await stack.deploy('3..4');
    const list = stack.world.bucket.list.bind(stack.world.bucket);
    stack.world.bucket.list = async (prefix, ...more) => {
      if (prefix.startsWith('rollouts/')) throw Object.assign(new Error('403'), { name: 'AccessDenied' });
      return list(prefix, ...more);
    };
    await stack.deploy('3');
    expect(stack.newest).toMatchObject({ kind: 'rollout', rollout: null, ended: { plan: 4, n: null, head: null } });
    expect(stack.world.logged).toContain('steps of the rollout not read');
  });

  test('does not read what is too large to be a step', async () => {
    const stack = await onThree();
    await stack.deploy('3..4');
    const { bucket } = stack.world;
    const key = stepKey({ promptId: PROMPT_ID, alias: 'PROD', plan: 4, n: 1 });
    bucket.objects.set(key, 'x'.repeat(STEP_BYTES + 1));
    const asked: string[] = [];
    const read = bucket.read.bind(bucket);
    bucket.read = (one) => {
      asked.push(one);
      return read(one);
    };
    await stack.fail('3');
    await stack.deploy('3');
    expect(stack.newest).toMatchObject({ rollout: null, ended: { plan: 4, n: null, head: null } });
    expect(asked).not.toContain(key);
  });
});

describe('an alarm that guards a rollout', () => {
  test.each([
    ['ALARM', 'GuardInAlarm'],
    [undefined, 'GuardInAlarm'],
    ['OK', undefined],
    ['INSUFFICIENT_DATA', undefined],
  ])('in state %s at the start', async (state, code) => {
    const stack = await onThree({ guards: ['errors', ALARM] });
    if (state) stack.world.alarms.byArn.set(ALARM, state);
    if (code)
      await expect(stack.deploy('3..4')).rejects.toMatchObject({ code, message: expect.stringContaining(ALARM) });
    else await stack.deploy('3..4');
    expect(stack.records).toHaveLength(code ? 3 : 4);
  });

  test('is asked at no other time', async () => {
    const stack = await onThree({ guards: [ALARM] });
    expect(stack.world.alarms.asked).toEqual([]);
    stack.world.alarms.byArn.set(ALARM, 'OK');
    await stack.deploy('3..4');
    stack.world.alarms.byArn.set(ALARM, 'ALARM');
    stack.world.alarms.asked.length = 0;
    await stack.deploy('3..4', '1');
    await stack.fail('4', '1', 'fresh');
    await stack.deploy('4', '1');
    await stack.deploy('3', '1');
    expect(stack.world.alarms.asked).toEqual([]);
  });
});

describe('a gate', () => {
  let stack: RollingStack;
  beforeEach(async () => {
    stack = await onThree();
    stack.world.gates = GATES;
  });
  const start = async () => {
    agree(stack.world, 4);
    await stack.deploy('3..4');
  };
  const hour = () => stack.world.pass(3_600_000);

  test('is asked at the start, of the candidate', async () => {
    await expect(stack.deploy('3..4')).rejects.toMatchObject({ code: 'ApprovalMissing' });
    agree(stack.world, 3);
    await expect(stack.deploy('3..4')).rejects.toMatchObject({ code: 'ApprovalMissing' });
    await start();
    expect(stack.newest?.passed).toMatchObject({ how: 'agreed', reviews: [{}, {}] });
  });

  test('lets the rollout settle without another question, however old the consent', async () => {
    await start();
    stack.world.pass(30 * 86_400_000);
    await stack.deploy('4');
    expect(stack.newest?.passed).toEqual({ how: 'carried', plan: 4 });
  });

  test('is not asked where a rollout ends, is withdrawn, or the alias goes back', async () => {
    await start();
    const asked: string[] = [];
    stack.world.asked = (prefix) => void asked.push(prefix);
    await stack.deploy('3');
    expect(stack.newest).toMatchObject({ kind: 'rollout', passed: null });
    await stack.deploy('2');
    expect(stack.newest).toMatchObject({ passed: { how: 'back', to: 2 } });
    expect(asked).toEqual([]);
  });

  test('is asked anew where somebody rejected the candidate since, until that is taken back', async () => {
    await start();
    hour();
    say(stack.world, { who: 'bob', as: 'risk', kind: 'reject', version: 4 });
    await expect(stack.deploy('4')).rejects.toMatchObject({ code: 'Rejected' });
    await stack.deploy('3..4', '1');
    hour();
    say(stack.world, { who: 'bob', as: 'risk', kind: 'approve', version: 4 });
    await stack.deploy('4', '1');
    expect(stack.newest?.passed).toEqual({ how: 'carried', plan: 4 });
  });

  test('does not heed a rejection of who may not reject', async () => {
    await start();
    hour();
    say(stack.world, { who: 'mallory', as: 'authors', kind: 'reject', version: 4 });
    await stack.deploy('4');
    expect(stack.newest?.passed).toEqual({ how: 'carried', plan: 4 });
  });

  test('is asked anew after a halt, and counts only what was said since', async () => {
    await start();
    hour();
    stack.step(4, 1);
    stack.step(4, 2, 'halt');
    await expect(stack.deploy('4')).rejects.toMatchObject({ code: 'ApprovalExpired' });
    hour();
    agree(stack.world, 4);
    await stack.deploy('4');
    expect(stack.newest?.passed).toMatchObject({ how: 'agreed' });
  });

  test.each([
    ['403', () => Promise.reject(Object.assign(new Error('403'), { name: 'AccessDenied' }))],
    ['no step', () => Promise.resolve('nonsense')],
  ])(
    'refuses to settle while nobody can tell whether it was halted (%s), and ends and goes back',
    async (_, answer) => {
      await start();
      stack.step(4, 1);
      const { bucket } = stack.world;
      const read = bucket.read.bind(bucket);
      bucket.read = (key) => (key.startsWith('rollouts/') ? answer() : read(key));
      await expect(stack.deploy('4')).rejects.toMatchObject({
        code: 'ReviewsUnreadable',
        message: expect.stringContaining('whether rollout 4 of PROD was halted'),
      });
      await stack.deploy('3', '1');
      expect(stack.newest).toMatchObject({ rollout: null, passed: null });
      await stack.deploy('2', '1');
      expect(stack.newest).toMatchObject({ passed: { how: 'back', to: 2 } });
    },
  );

  describe('that counts no reviews, where nobody can read the steps any more', () => {
    const model: ModelGate = { gate: 'model', among: ['amazon.nova-pro-v1:0'] };
    const stepsAway = () => {
      const { bucket } = stack.world;
      const read = bucket.read.bind(bucket);
      const denied = () => Promise.reject(Object.assign(new Error('403'), { name: 'AccessDenied' }));
      bucket.read = (key) => (key.startsWith('rollouts/') ? denied() : read(key));
    };
    beforeEach(async () => {
      stack.world.gates = formatGatesByAlias({ '*': [model] });
      await stack.deploy('3..4');
      stack.step(4, 1);
    });

    test('carries where they are read', async () => {
      await stack.deploy('4');
      expect(stack.newest).toMatchObject({ passed: { how: 'carried', plan: 4 }, ended: { n: 1 } });
    });

    test.each(['with the option', 'in the deployment that takes it away'])(
      'is judged anew at the settle, %s',
      async (how) => {
        stepsAway();
        if (how !== 'with the option') stack.world.more = {};
        await stack.deploy('4');
        const ended = { plan: 4, n: null, head: null };
        expect(stack.newest).toMatchObject({ kind: 'promote', passed: { how: 'agreed', reviews: [] }, ended });
        expect(stack.world.logged.join()).toContain('consent to the rollout not carried');
      },
    );

    test('refuses what it would refuse of a new release', async () => {
      stepsAway();
      stack.world.gates = formatGatesByAlias({ '*': [{ ...model, among: ['amazon.nova-lite-v1:0'] }] });
      await expect(stack.deploy('4')).rejects.toMatchObject({ code: 'ModelNotAmong' });
    });

    test.each([
      ['ends it', '3', 'none', 'rollout', null],
      ['goes back', '2', 'none', 'rollback', { how: 'back', to: 2 }],
      ['withdraws its candidate', '3', '4', 'rollout', null],
    ])('asks nothing where the same deployment %s', async (_, target, withdrawn, kind, passed) => {
      stepsAway();
      stack.world.more = {};
      stack.world.gates = formatGatesByAlias({ '*': [{ ...model, among: ['amazon.nova-lite-v1:0'] }] });
      await stack.deploy(target, withdrawn);
      expect(stack.newest).toMatchObject({ kind, passed, rollout: null });
    });

    test('is gone with the deployment that settles', async () => {
      stepsAway();
      stack.world.more = {};
      stack.world.gates = '{}';
      await stack.deploy('4');
      expect(stack.newest).toMatchObject({ kind: 'promote', passed: null });
    });

    test('beside one that does, and that nobody has answered, leaves the latter to refuse', async () => {
      stepsAway();
      stack.world.gates = formatGatesByAlias({ '*': [model, GATE] });
      await expect(stack.deploy('4')).rejects.toMatchObject({ code: 'ApprovalMissing' });
      agree(stack.world, 4);
      await expect(stack.deploy('4')).rejects.toMatchObject({ code: 'ReviewsUnreadable' });
    });
  });

  test.each(['ended', 'undone'])('does not forget the halt of a rollout that was %s', async (how) => {
    agree(stack.world, 4);
    if (how === 'ended') await stack.deploy('3..4');
    else await stack.forward('3..4', 'none');
    hour();
    stack.step(4, 1, 'halt');
    hour();
    if (how === 'ended') await stack.deploy('3');
    else await stack.back('stored', { ...stack.stored, Candidate: 'none', PlannedAt: '1' }, stack.stored);
    await expect(stack.deploy('3..4')).rejects.toMatchObject({ code: 'ApprovalExpired' });
    hour();
    agree(stack.world, 4);
    await stack.deploy('3..4');
    expect(stack.newest?.passed).toMatchObject({ how: 'agreed' });
  });

  test('is asked anew where a rollout was ended by hand, and not where its release failed', async () => {
    await start();
    await stack.deploy('3');
    await expect(stack.deploy('3..4')).rejects.toMatchObject({ code: 'ApprovalExpired' });
    const other = await onThree();
    other.world.gates = GATES;
    agree(other.world, 4);
    await other.fail('3..4');
    await other.deploy('3..4');
    expect(other.newest?.passed).toMatchObject({ how: 'agreed' });
  });

  test('is asked where none was in force at the start', async () => {
    stack.world.gates = '{}';
    await stack.deploy('3..4');
    stack.world.gates = GATES;
    await expect(stack.deploy('4')).rejects.toMatchObject({ code: 'ApprovalMissing' });
    // A rollout that runs is not judged afterwards.
    await stack.deploy('3..4', '1');
  });

  test('is asked of what replaces a candidate, and by who goes past it', async () => {
    stack.world.prompts.add(stack.world.prompts.made.get(1)?.variant as never, '');
    await start();
    await expect(stack.deploy('3..5')).rejects.toMatchObject({ code: 'ApprovalMissing' });
    await expect(stack.deploy('5')).rejects.toMatchObject({ code: 'ApprovalMissing' });
  });

  test('knows a settled candidate as what the alias may come back to', async () => {
    await start();
    await stack.deploy('4');
    await stack.deploy('3');
    expect(stack.newest?.passed).toEqual({ how: 'back', to: 3 });
    await expect(stack.deploy('4')).rejects.toMatchObject({ code: 'ApprovalExpired' });
  });
});

describe.each(['declared', 'at a step', 'halted'])('a rejection of a candidate that is %s', (state) => {
  let stack: RollingStack;
  beforeEach(async () => {
    stack = await onThree();
    stack.world.gates = GATES;
    agree(stack.world, 4);
    await stack.deploy('3..4');
    if (state !== 'declared') stack.step(4, 1);
    stack.world.pass(3_600_000);
    if (state === 'halted') stack.step(4, 2, 'halt');
    stack.world.pass(1_000);
    agree(stack.world, 4);
    say(stack.world, { who: 'bob', as: 'risk', kind: 'reject', version: 4 });
  });

  test('refuses to settle, also past the rollout, and begins none anew', async () => {
    await expect(stack.deploy('4')).rejects.toMatchObject({ code: 'Rejected' });
    expect(stack.records).toHaveLength(4);
    await stack.deploy('3');
    for (const target of ['4', '3..4']) await expect(stack.deploy(target)).rejects.toMatchObject({ code: 'Rejected' });
  });

  test.each([
    ['leaves it to its controller', '3..4', 'none', { sequence: 4, rollout: { plan: 4 } }],
    ['lets it end', '3', 'none', { kind: 'rollout', passed: null, rollout: null, ended: { plan: 4 } }],
    ['lets its candidate be withdrawn', '3..4', '4', { kind: 'rollout', passed: null, rollout: null }],
    ['lets another version be withdrawn', '3..4', '1', { kind: 'withdraw', passed: null, rollout: { plan: 4 } }],
    ['lets the alias go back', '2', 'none', { kind: 'rollback', passed: { how: 'back' }, rollout: null }],
    ['lets the alias go', 'none', 'none', { kind: 'remove', passed: null, rollout: null }],
  ])('%s', async (_, target, withdrawn, newest) => {
    if (target === 'none') stack.world.stack.now = 'UPDATE_IN_PROGRESS';
    if (target === 'none') await stack.world.alias(event('PromptAlias', 'Delete', stack.stored as Properties));
    else await stack.deploy(target, withdrawn);
    expect(stack.newest).toMatchObject(newest);
  });

  test('comes in time between plan and record', async () => {
    say(stack.world, { who: 'bob', as: 'risk', kind: 'approve', version: 4 });
    const { world } = stack;
    const planned = world.aliasProperties(await world.plan('4'));
    say(world, { who: 'bob', as: 'risk', kind: 'reject', version: 4 });
    const settle = world.alias(event('PromptAlias', 'Update', planned, stack.stored));
    await expect(settle).rejects.toMatchObject({ code: 'Rejected' });
    expect(stack.records).toHaveLength(4);
  });
});

describe('a gate of evaluations', () => {
  const OTHER = { ...EVALUATION, suite: `es1:${'c3'.repeat(32)}` };
  let stack: RollingStack;
  beforeEach(async () => {
    stack = await onThree();
    stack.world.gates = formatGatesByAlias({ '*': [EVALUATION] });
  });
  const start = async () => {
    measure(stack.world, 4, 3);
    await stack.deploy('3..4');
    stack.step(4, 1);
    stack.world.pass(3_600_000);
  };
  const halt = () => {
    stack.step(4, 2, 'halt');
    stack.world.pass(3_600_000);
  };

  test('needs a run at the start, compared with the stable version', async () => {
    await expect(stack.deploy('3..4')).rejects.toMatchObject({ code: 'EvaluationMissing' });
    measure(stack.world, 4, 2);
    await expect(stack.deploy('3..4')).rejects.toMatchObject({ code: 'StaleBaseline' });
    measure(stack.world, 4, 3, { passed: 100 });
    await expect(stack.deploy('3..4')).rejects.toMatchObject({ code: 'BelowThreshold' });
    await start();
    expect(stack.newest?.passed).toMatchObject({ how: 'agreed', runs: 3, reviews: [{ kind: 'evaluate' }] });
  });

  test.each<[string, () => unknown]>([
    ['nothing was run since', () => {}],
    ['a worse run was signed since', () => measure(stack.world, 4, 3, { passed: 60 })],
    ['the gate has another suite by now', () => setGates([OTHER])],
    ['somebody is asked as well by now', () => setGates([EVALUATION, GATE])],
  ])('lets a rollout settle where %s: it was asked at the start', async (_, since) => {
    await start();
    since();
    await stack.deploy('4');
    expect(stack.newest?.passed).toEqual({ how: 'carried', plan: 4 });
  });

  test.each<[string, () => unknown, string]>([
    ['nothing was run since', () => {}, 'EvaluationMissing'],
    ['a worse run was signed since', () => measure(stack.world, 4, 3, { passed: 60 }), 'BelowThreshold'],
    ['another suite was run', () => [setGates([OTHER]), measure(stack.world, 4, 3)], 'EvaluationMissing'],
    ['it was compared with something else', () => measure(stack.world, 4, 2), 'StaleBaseline'],
  ])('judges a halted candidate anew, and refuses where %s', async (_, since, code) => {
    await start();
    halt();
    since();
    await expect(stack.deploy('4')).rejects.toMatchObject({ code });
    await stack.deploy('3');
    expect(stack.newest).toMatchObject({ kind: 'rollout', passed: null, rollout: null });
  });

  test('counts a run after the halt, and after the end', async () => {
    await start();
    halt();
    measure(stack.world, 4, 3);
    await stack.deploy('3');
    await expect(stack.deploy('3..4')).rejects.toMatchObject({ code: 'EvaluationMissing' });
    stack.world.pass(1_000);
    measure(stack.world, 4, 3);
    await stack.deploy('3..4');
    expect(stack.newest?.passed).toMatchObject({ how: 'agreed', runs: 3 });
    stack.step(stack.newest?.sequence ?? 0, 1, 'halt');
    stack.world.pass(1_000);
    measure(stack.world, 4, 3);
    await stack.deploy('4');
    expect(stack.newest?.passed).toMatchObject({ how: 'agreed', runs: 4 });
  });

  test('beside one that asks people carries both, and a rejection outweighs a run', async () => {
    setGates([EVALUATION, GATE]);
    measure(stack.world, 4, 3);
    await expect(stack.deploy('3..4')).rejects.toMatchObject({ code: 'ApprovalMissing' });
    agree(stack.world, 4);
    await start();
    say(stack.world, { who: 'bob', as: 'risk', kind: 'reject', version: 4 });
    measure(stack.world, 4, 3);
    await expect(stack.deploy('4')).rejects.toMatchObject({ code: 'Rejected' });
    stack.world.pass(1_000);
    say(stack.world, { who: 'bob', as: 'risk', kind: 'approve', version: 4 });
    await stack.deploy('4');
    expect(stack.newest?.passed).toEqual({ how: 'carried', plan: 4 });
  });

  test('asks for a run of what replaces a candidate, or goes past it', async () => {
    stack.world.prompts.add(stack.world.prompts.made.get(2)?.variant as never, '');
    await start();
    for (const target of ['3..5', '5']) {
      await expect(stack.deploy(target)).rejects.toMatchObject({ code: 'EvaluationMissing' });
    }
  });

  function setGates(gates: (typeof EVALUATION | typeof GATE)[]): void {
    stack.world.gates = formatGatesByAlias({ '*': gates });
  }
});

test('records of rollouts are read as they were written', async () => {
  const stack = await onThree();
  await stack.deploy('3..4');
  await stack.deploy('4');
  for (const [key, body] of stack.world.bucket.objects) {
    if (key.startsWith('ledger/')) expect(parseRecord(body)).toEqual(JSON.parse(body));
  }
});

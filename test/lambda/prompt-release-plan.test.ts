import { describe, expect, test } from 'vitest';
import { contentDigest } from '../../core/content/content-digest';
import type { CustomResourceEvent } from '../../lambda/custom-resource-event';
import { handlePromptReleasePlan } from '../../lambda/prompt-release-plan/handler';
import { event, PROMPT_ARN, variant } from './events';
import { ReleaseWorld } from './release-world';
import { MemoryModels, MemoryProfiles, MemoryPrompts } from './stores';

function request(target: string, more: Record<string, unknown> = {}): CustomResourceEvent {
  const properties = {
    AliasName: 'PROD',
    Target: target,
    TargetParameter: 'FinancialAnalysisProdVersion',
    CallableVersions: '2',
    WithdrawnVersions: 'none',
  };
  return event('PromptReleasePlan', 'Update', { ...properties, ...more });
}
function planOf(world: ReleaseWorld, of: CustomResourceEvent, profiles = new MemoryProfiles()) {
  return handlePromptReleasePlan(of, {
    store: world.bucket,
    prompts: world.prompts,
    profiles,
    stack: world.stack,
    clock: { now: () => 1_000, sleep: async () => {} },
    log: () => {},
    registry: '/prompts/prod',
    gates: '{}',
    models: new MemoryModels(),
    alarms: world.alarms,
  });
}

/** The callable versions in the plan's slots; `none` for an empty one. */
function slots(...versions: (number | 'none')[]): Record<string, unknown> {
  const arn = (version: number | 'none') =>
    version === 'none' ? expect.stringContaining('prompt/none') : `${PROMPT_ARN}:${version}`;
  return Object.fromEntries(versions.map((version, index) => [`CallableArn${index + 1}`, arn(version)]));
}

describe('the plan of a release', () => {
  test('names the version, its ARN, its content and model, and where the ledger stood', async () => {
    const world = new ReleaseWorld();
    await world.release('1');

    expect(await planOf(world, request('2'))).toMatchObject({
      Version: '2',
      TargetArn: `${PROMPT_ARN}:2`,
      ContentDigest: contentDigest(variant('two')),
      ModelId: 'amazon.nova-pro-v1:0',
      Revision: '1',
      WithdrawnVersions: 'none',
      PlannedAt: '1000',
      Direction: 'forward',
      CallableArn1: `${PROMPT_ARN}:2`,
      CallableArn2: `${PROMPT_ARN}:1`,
      ModelArn1: 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0',
    });
  });

  test('of an alias that points nowhere fills every slot with an ARN that cannot exist', async () => {
    expect(await planOf(new ReleaseWorld(), request('none', { CallableVersions: '3' }))).toMatchObject({
      Version: 'none',
      TargetArn: 'none',
      ModelId: '',
      Revision: '0',
      CallableArn3: 'arn:aws:bedrock:us-east-1:123456789012:prompt/none',
      ModelArn3: 'arn:aws:bedrock:us-east-1::foundation-model/none',
      ProfileArn3: 'arn:aws:bedrock:us-east-1:123456789012:inference-profile/none',
      ProfileModelArn3: 'arn:aws:bedrock:us-east-1::foundation-model/none',
      GlobalModelArn3: 'arn:aws:bedrock:us-east-1::foundation-model/none',
    });
  });

  test('finds the version by the digest that another environment released', async () => {
    expect((await planOf(new ReleaseWorld(), request(contentDigest(variant('three'))))).Version).toBe('3');
  });

  test('does not take a description at its word', async () => {
    const world = new ReleaseWorld();
    world.prompts.add(variant('five'), contentDigest(variant('six')));

    await expect(planOf(world, request(contentDigest(variant('six'))))).rejects.toMatchObject({ code: 'NoSuchDigest' });
    expect((await planOf(world, request(contentDigest(variant('five'))))).Version).toBe('5');
  });

  test('takes withdrawn versions out of the callable ones', async () => {
    const world = new ReleaseWorld();
    await world.release('1');

    const plan = await planOf(world, request('2', { WithdrawnVersions: '1' }));

    expect(plan).toMatchObject({
      WithdrawnVersions: '1',
      CallableArn1: `${PROMPT_ARN}:2`,
      CallableArn2: expect.stringContaining('prompt/none'),
    });
  });

  test.each([4, 10, 60, 150])('keeps the version before callable past %i releases that failed', async (failures) => {
    const world = new ReleaseWorld();
    const stored = await world.release('2', await world.release('1'));
    for (let failure = 0; failure < failures; failure++) await world.failedRelease('3', stored);
    world.stack.now = 'UPDATE_IN_PROGRESS';

    expect(await planOf(world, request('2'))).toMatchObject(slots(2, 1));
    expect(await planOf(world, request('4'))).toMatchObject(slots(4, 2));
  });

  describe('after a withdrawal', () => {
    async function withdrawnOnce() {
      const world = new ReleaseWorld();
      const stored = await world.release('3', await world.release('2', await world.release('1')));
      return { world, stored: await world.release('3', stored, '2') };
    }

    test('does not make the version callable again when it is taken off the list', async () => {
      const { world, stored } = await withdrawnOnce();
      expect(await planOf(world, request('3'))).toMatchObject(slots(3, 'none'));

      await world.release('3', stored);

      expect(await planOf(world, request('3'))).toMatchObject(slots(3, 'none'));
      expect(await planOf(world, request('4', { CallableVersions: '3' }))).toMatchObject(slots(4, 3, 'none'));
    });

    test('makes it callable again by a release of it', async () => {
      const { world, stored } = await withdrawnOnce();
      await world.release('2', stored);

      expect(await planOf(world, request('2'))).toMatchObject(slots(2, 3));
      expect(await planOf(world, request('4'))).toMatchObject(slots(4, 2));
    });

    test('that failed with its stack makes it callable again', async () => {
      const world = new ReleaseWorld();
      const stored = await world.release('2', await world.release('1'));
      const planned = world.aliasProperties(await world.plan('2', '1'));
      await world.alias(event('PromptAlias', 'Update', planned, stored));
      world.stack.now = 'UPDATE_ROLLBACK_IN_PROGRESS';

      expect(await planOf(world, request('2'))).toMatchObject(slots(2, 1));
      await world.alias(event('PromptAlias', 'Update', stored, planned));
      expect(await planOf(world, request('2'))).toMatchObject(slots(2, 1));
      world.stack.now = 'UPDATE_IN_PROGRESS';
      expect(await planOf(world, request('3'))).toMatchObject(slots(3, 2));
      expect(await planOf(world, request('2'))).toMatchObject(slots(2, 1));
    });
  });

  test.each([
    ['9', 'NoSuchVersion', '4 ('],
    [`pd1:${'0'.repeat(64)}`, 'NoSuchDigest', 'content'],
    ['none', 'NoneAfterVersion', 'FinancialAnalysisProdVersion'],
    ['latest', 'InvalidVersionTarget', 'latest'],
    ['0', 'InvalidVersionTarget', '0'],
    ['DRAFT', 'InvalidVersionTarget', 'DRAFT'],
    ['1; drop', 'InvalidVersionTarget', 'drop'],
  ])('refuses %s: %s', async (target, code, words) => {
    const world = new ReleaseWorld();
    await world.release('1');

    await expect(planOf(world, request(target))).rejects.toMatchObject({
      code,
      message: expect.stringContaining(words),
    });
  });

  test('refuses a withdrawn version and a prompt deleted behind our back', async () => {
    await expect(planOf(new ReleaseWorld(), request('2', { WithdrawnVersions: '2' }))).rejects.toMatchObject({
      code: 'VersionWithdrawn',
    });
    await expect(
      planOf(new ReleaseWorld('every call', new MemoryPrompts(undefined)), request('1')),
    ).rejects.toMatchObject({ code: 'PromptDeleted' });
  });

  test('refuses nothing while the stack goes back, and remembers what is gone', async () => {
    const world = new ReleaseWorld();
    await world.release('1');
    world.stack.now = 'UPDATE_ROLLBACK_IN_PROGRESS';
    const gone = new ReleaseWorld('every call', new MemoryPrompts(undefined));
    for (const [key, body] of world.bucket.objects) gone.bucket.objects.set(key, body);
    gone.stack.now = world.stack.now;

    expect(await planOf(world, request('none'))).toMatchObject({ Version: 'none', Direction: 'back' });
    expect(await planOf(gone, request('1'))).toMatchObject({
      Version: '1',
      ContentDigest: contentDigest(variant('one')),
      ModelId: 'amazon.nova-pro-v1:0',
      Direction: 'back',
    });
  });

  test.each(['versions', 'read'] as const)(
    'goes back by the ledger when %s of Bedrock is refused or fails',
    async (call) => {
      const world = new ReleaseWorld();
      await world.release('1');
      await world.release('2');
      world.prompts[call] = async () => {
        throw new Error('not authorized');
      };
      await expect(planOf(world, request('1'))).rejects.toThrow('not authorized');
      world.stack.now = 'UPDATE_ROLLBACK_IN_PROGRESS';

      for (const target of ['1', contentDigest(variant('one'))]) {
        expect(await planOf(world, request(target))).toMatchObject({
          Version: '1',
          ContentDigest: contentDigest(variant('one')),
          ModelId: 'amazon.nova-pro-v1:0',
          CallableArn1: `${PROMPT_ARN}:1`,
          ModelArn1: 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0',
        });
      }
    },
  );

  test('does nothing when its resource is deleted', async () => {
    expect(await planOf(new ReleaseWorld(), { ...request('1'), RequestType: 'Delete' })).toEqual({});
  });

  describe('where the version that the alias leaves behind', () => {
    const id = 'application-inference-profile/abc';
    const arn = `arn:aws:bedrock:us-east-1:123456789012:${id}`;
    const profile = { id, arn, modelArns: ['arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0'] };
    const ofModel = (modelId: string, more: Record<string, unknown> = {}) => variant('text', { modelId, ...more });

    async function leaving(left: Record<string, unknown>, target: Record<string, unknown>) {
      const prompts = new MemoryPrompts(variant('draft'));
      prompts.add(left);
      prompts.add(target);
      const world = new ReleaseWorld('every call', prompts);
      world.profiles = new MemoryProfiles([profile]);
      await world.release('1');
      return world;
    }

    test.each([
      ['runs on a profile that was deleted', arn, []],
      ['runs on a profile that routes to two models', arn, [{ ...profile, modelArns: ['a/one', 'a/two'] }]],
      ['names a model that would be a pattern', 'amazon.*', []],
    ])('%s, the alias still leaves it for a version that is in order', async (_, model, profiles) => {
      const world = await leaving(ofModel(arn), ofModel('amazon.nova-pro-v1:0'));
      world.prompts.made.set(1, { variant: ofModel(model), description: '' });

      const plan = await planOf(world, request('2'), new MemoryProfiles(profiles));

      expect(plan).toMatchObject({ Version: '2', ...slots(2, 1) });
      expect(plan.ModelArn1).toBe('arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0');
    });

    test('holds what this registry cannot read, the alias still leaves it', async () => {
      const world = await leaving(ofModel('amazon.nova-pro-v1:0'), ofModel('amazon.nova-pro-v1:0', { name: 'b' }));
      world.prompts.made.set(1, { variant: ofModel('amazon.nova-pro-v1:0', { fromTheFuture: 1 }), description: '' });

      expect(await planOf(world, request('2'))).toMatchObject({ Version: '2', ...slots(2, 1) });
    });

    test('cannot be looked up for the moment, nothing is guessed: its callers would lose rights', async () => {
      const world = await leaving(ofModel(arn), ofModel('amazon.nova-pro-v1:0'));
      const profiles = new MemoryProfiles();
      profiles.find = async () => Promise.reject(Object.assign(new Error('busy'), { name: 'ThrottlingException' }));

      await expect(planOf(world, request('2'), profiles)).rejects.toThrow('busy');
    });

    test('is in order, the target is refused for its own profile, and named', async () => {
      const world = await leaving(ofModel('amazon.nova-pro-v1:0'), ofModel(arn));

      const refused = planOf(world, request('2'));

      await expect(refused).rejects.toMatchObject({ code: 'NoSuchInferenceProfile' });
      await expect(refused).rejects.toThrow(
        /^version 2: its model is the inference profile .*abc, which does not exist/,
      );
    });
  });

  test('stays below the 4,096 bytes of an answer with five callable versions on long profiles', async () => {
    const world = new ReleaseWorld('every call', new MemoryPrompts(variant('draft')));
    const id = 'global.anthropic.claude-sonnet-4-5-20250929-v1:0';
    for (let number = 1; number <= 5; number++) world.prompts.add(variant(`text ${number}`, { modelId: id }));
    const profiles = new MemoryProfiles([
      {
        id,
        arn: `arn:aws:bedrock:us-east-1:123456789012:inference-profile/${id}`,
        modelArns: [`arn:aws:bedrock:::foundation-model/${id.slice(7)}`],
      },
    ]);
    let before: Record<string, unknown> | undefined;
    for (let number = 1; number <= 4; number++) {
      const plan = await planOf(world, request(String(number)), profiles);
      const properties = world.aliasProperties({ ...plan, PlannedAt: String(number) });
      await world.alias(event('PromptAlias', before ? 'Update' : 'Create', properties, before));
      before = properties;
    }

    const plan = await planOf(world, request('5', { CallableVersions: '5' }), profiles);

    expect(plan.CallableArn5).toBe(`${PROMPT_ARN}:1`);
    expect(Buffer.byteLength(JSON.stringify(plan))).toBeLessThan(3_500);
  });
});

describe('the plan on the way back, where Bedrock hangs', () => {
  test('asks once, and ends in time with what the ledger remembers', async () => {
    const world = new ReleaseWorld();
    await world.release('2', await world.release('1'));
    world.stack.now = 'UPDATE_ROLLBACK_IN_PROGRESS';
    let now = 0;
    let asked = 0;
    const hangs = async () => {
      asked += 1;
      now += 46_000;
      throw Object.assign(new Error('no answer'), { name: 'TimeoutError' });
    };
    const plan = await handlePromptReleasePlan(request('1'), {
      store: world.bucket,
      prompts: Object.assign(world.prompts, { versions: hangs, read: hangs }),
      profiles: { find: hangs },
      stack: world.stack,
      clock: { now: () => now, sleep: async () => {} },
      log: () => {},
      registry: '/prompts/prod',
      gates: '{}',
      models: new MemoryModels(),
      alarms: world.alarms,
    });

    expect(plan).toMatchObject({ Version: '1', Direction: 'back', ModelId: 'amazon.nova-pro-v1:0' });
    expect(asked).toBe(1);
  });
});

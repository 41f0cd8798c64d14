import { beforeEach, describe, expect, test } from 'vitest';
import { contentDigest } from '../../core/content/content-digest';
import { archiveKey, ledgerKey } from '../../core/ledger/layout';
import { serializeRecord } from '../../core/ledger/record';
import type { CustomResourceEvent } from '../../lambda/custom-resource-event';
import { handlePromptVersion, type PromptVersionDeps } from '../../lambda/prompt-version/handler';
import { event, PROMPT_ARN, PROMPT_ID, variant } from './events';
import { MemoryBucket, MemoryPrompts, MemoryStack } from './stores';

const digestOf = (text: string) => contentDigest(variant(text));

describe('a prompt version', () => {
  let bucket: MemoryBucket;
  let prompts: MemoryPrompts;
  let stack: MemoryStack;
  let deps: PromptVersionDeps;
  /** What happens while the handler sleeps. */
  let pause: () => Promise<void>;

  beforeEach(() => {
    bucket = new MemoryBucket();
    prompts = new MemoryPrompts(variant('one'));
    stack = new MemoryStack();
    pause = async () => {};
    const clock = { now: () => 0, sleep: () => pause() };
    deps = { prompts, store: bucket, stack, clock, log: () => {}, registry: '/prompts/prod' };
  });

  function wanting(
    text: string,
    more: Record<string, unknown> = {},
    old?: Record<string, unknown>,
  ): CustomResourceEvent {
    const properties = {
      ContentDigest: digestOf(text),
      VersionNote: '',
      KeepVersions: [],
      Targets: [],
      CallableVersions: '2',
      ...more,
    };
    const sent = event('PromptVersion', old ? 'Update' : 'Create', properties, old);
    stack.begin(sent);
    return sent;
  }
  /** Sets the draft, as the stack's AWS::Bedrock::Prompt does just before, and publishes it. */
  function deploy(text: string, more: Record<string, unknown> = {}, old?: Record<string, unknown>) {
    prompts.draft = variant(text);
    return handlePromptVersion(wanting(text, more, old), deps);
  }
  /** Releases the alias to one version after the other; a version below zero is where a failed release went back to. */
  async function point(alias: string, ...versions: number[]): Promise<void> {
    await pointAll(
      alias,
      versions.map((version) => ({ version: Math.abs(version), undo: version < 0, withdrawn: [] })),
    );
  }
  async function pointAll(
    alias: string,
    releases: readonly { version: number; undo?: boolean; withdrawn: number[] }[],
  ): Promise<void> {
    let from = null as { version: number; digest: string; model: null } | null;
    for (const [index, { version, undo = false, withdrawn }] of releases.entries()) {
      const to = { version, digest: digestOf('x'), model: null };
      const record = {
        schema: 1 as const,
        registry: 'r',
        prompt: 'p',
        promptId: PROMPT_ID,
        alias,
        sequence: index + 1,
        kind: 'promote' as const,
        undo,
        from,
        to,
        withdrawn,
        stackId: 's',
        logicalId: 'l',
        requestId: 'q',
        operation: null,
        reason: null,
        time: '2026-11-22T00:00:00.000Z',
        previous: null,
      };
      await bucket.putIfAbsent(ledgerKey(PROMPT_ID, alias, index + 1), serializeRecord(record));
      from = to;
    }
  }

  test('appears when the content is new, with its digest and note in the description, and is archived whole', async () => {
    const made = await deploy('one', { VersionNote: 'first' });

    expect(made).toEqual({ Version: '1', VersionArn: `${PROMPT_ARN}:1`, ContentDigest: digestOf('one') });
    expect(prompts.made.get(1)?.description).toBe(`${digestOf('one')} first`);
    const archive = JSON.parse(bucket.objects.get(archiveKey(PROMPT_ID, 1, digestOf('one'))) ?? '');
    expect(contentDigest(archive.variant)).toBe(digestOf('one'));
  });

  test.each(['deploy-7', null])('has the operation that published it in its archive, token %s', async (token) => {
    stack.token = token;
    await deploy('one');
    const archive = JSON.parse(bucket.objects.get(archiveKey(PROMPT_ID, 1, digestOf('one'))) ?? '');
    expect(archive).toMatchObject({ stackId: event('PromptVersion', 'Create', {}).StackId, operation: token });
    stack.token = 'later';
    await deploy('one', {}, {});
    expect(JSON.parse(bucket.objects.get(archiveKey(PROMPT_ID, 1, digestOf('one'))) ?? '')).toEqual(archive);
  });

  test('has no operation in its archive where it was made on the way back, or by a request that died', async () => {
    const onTheWayBack = wanting('one', {}, {});
    stack.now = 'UPDATE_ROLLBACK_IN_PROGRESS';
    await handlePromptVersion(onTheWayBack, deps);
    const first = JSON.parse(bucket.objects.get(archiveKey(PROMPT_ID, 1, digestOf('one'))) ?? '');
    expect([first.stackId, 'operation' in first]).toEqual([onTheWayBack.StackId, false]);
    stack.now = 'UPDATE_IN_PROGRESS';
    bucket.objects.delete(archiveKey(PROMPT_ID, 1, digestOf('one')));
    await deploy('one', {}, {});
    const found = JSON.parse(bucket.objects.get(archiveKey(PROMPT_ID, 1, digestOf('one'))) ?? '');
    expect(['stackId' in found, 'operation' in found]).toEqual([false, false]);
  });

  describe('of an event that CloudFormation did not send', () => {
    test.each([
      ['nothing is in progress', undefined],
      ['other content is', { ContentDigest: digestOf('other') }],
      ['the same is, with other versions to keep', { KeepVersions: ['3'] }],
    ])('is not published while %s', async (_, shown) => {
      const sent = wanting('one');
      if (shown === undefined) stack.turn('UPDATE_IN_PROGRESS');
      else
        stack.inProgress.set(sent.LogicalResourceId, {
          status: 'CREATE_IN_PROGRESS',
          properties: { ...sent.ResourceProperties, ...shown },
        });

      await expect(handlePromptVersion(sent, deps)).rejects.toMatchObject({ code: 'NotInProgress' });

      expect(prompts.highest).toBe(0);
      expect([...bucket.objects.keys()]).toEqual([]);
    });

    test('is not published on a way back that its stack is not on', async () => {
      const sent = wanting('one', {}, {});
      stack.turn('UPDATE_ROLLBACK_COMPLETE');

      await expect(handlePromptVersion(sent, deps)).rejects.toMatchObject({ code: 'LateRelease' });
      expect(prompts.highest).toBe(0);
    });
  });

  test('is published on the way back, and never deleted, where CloudFormation does not show its events', async () => {
    prompts.add(variant('zero'));
    const sent = wanting('one', {}, {});
    stack.turn('UPDATE_ROLLBACK_IN_PROGRESS');
    stack.wanted = async () => Promise.reject(new Error('no'));
    const create = prompts.createVersion.bind(prompts);
    prompts.createVersion = async (...call) => {
      prompts.draft = variant('changed meanwhile');
      return create(...call);
    };

    expect((await handlePromptVersion(sent, deps)).Version).toBe('none');
    expect(prompts.deleted).toEqual([]);
    expect(prompts.highest).toBe(2);
  });

  test('is remembered where nobody knows which way the stack goes, and refused where it is new', async () => {
    await deploy('one');
    prompts.made.delete(1);
    stack.status = async () => Promise.reject(new Error('no'));

    expect((await handlePromptVersion(wanting('one', {}, {}), deps)).Version).toBe('1');
    await expect(handlePromptVersion(wanting('two', {}, {}), deps)).rejects.toThrow('no');
    expect(prompts.highest).toBe(1);
  });

  test('that a token leads to is not deleted when it is an old one with other content', async () => {
    await deploy('one');
    await deploy('two');
    prompts.draft = variant('three');
    prompts.createVersion = async () => 1;

    await expect(handlePromptVersion(wanting('three'), deps)).rejects.toMatchObject({ code: 'DraftChanged' });
    expect(prompts.deleted).toEqual([]);
  });

  test('is one, not two, where the request before may have made it and nobody can tell', async () => {
    prompts.draft = variant('one');
    const read = prompts.read.bind(prompts);
    const first = wanting('one');
    prompts.read = async (id, version) => {
      if (version === 1) throw Object.assign(new Error('busy'), { name: 'ThrottlingException' });
      return read(id, version);
    };
    await expect(handlePromptVersion(first, deps)).rejects.toThrow('busy');
    const versions = prompts.versions.bind(prompts);
    prompts.versions = async () => (await versions())?.filter(() => false);
    await expect(handlePromptVersion(wanting('one'), deps)).rejects.toThrow('busy');

    expect(prompts.highest).toBe(1);
  });

  test('is the same one for the same content, also after other content, and publishes nothing', async () => {
    await deploy('one');
    await deploy('two');

    expect((await deploy('one')).Version).toBe('1');
    expect(prompts.highest).toBe(2);
  });

  test('is found among versions that were there before the registry, by content', async () => {
    prompts.add(variant('zero'));
    prompts.add(variant('one', { name: 'other', metadata: [{ key: 'a', value: 'b' }] }), 'by hand');

    expect((await deploy('one')).Version).toBe('2');
    expect(prompts.highest).toBe(2);
    expect([...bucket.objects.keys()]).toEqual([]);
  });

  test('is not believed by its description: a digest somebody copied there is read back', async () => {
    prompts.add(variant('something else'), digestOf('one'));

    expect((await deploy('one')).Version).toBe('2');
  });

  test('takes its digest from the content where that was not known at synth', async () => {
    const Content = JSON.stringify({
      Name: 'default',
      TemplateType: 'TEXT',
      TemplateConfiguration: { Text: { Text: 'one' } },
      ModelId: 'amazon.nova-pro-v1:0',
      InferenceConfiguration: { Text: { Temperature: 0.2 } },
    });

    expect(await handlePromptVersion(wanting('one', { ContentDigest: undefined, Content }), deps)).toMatchObject({
      Version: '1',
      ContentDigest: digestOf('one'),
    });
  });

  test('is refused, with both digests and without the text, when somebody edited the draft', async () => {
    prompts.draft = variant('edited in the console');

    const refused = handlePromptVersion(wanting('one'), deps);

    await expect(refused).rejects.toMatchObject({ code: 'DraftChanged' });
    await expect(refused).rejects.toThrow(digestOf('one'));
    await expect(refused).rejects.toThrow(digestOf('edited in the console'));
    await expect(refused).rejects.not.toThrow('edited in the console');
    expect(prompts.highest).toBe(0);
  });

  test('waits for a draft that the stack has just written and a read does not show yet', async () => {
    prompts.draft = variant('the draft before');
    pause = async () => {
      prompts.draft = variant('one');
    };

    expect((await handlePromptVersion(wanting('one'), deps)).Version).toBe('1');
  });

  test('is taken back when the draft changed between the look and the snapshot', async () => {
    const create = prompts.createVersion.bind(prompts);
    prompts.createVersion = async (...call) => {
      prompts.draft = variant('changed meanwhile');
      return create(...call);
    };

    await expect(deploy('one')).rejects.toMatchObject({ code: 'DraftChanged' });
    expect([...prompts.made.keys()]).toEqual([]);
  });

  test('of a prompt deleted behind our back is one clear error', async () => {
    prompts.draft = undefined;

    await expect(handlePromptVersion(wanting('one'), deps)).rejects.toMatchObject({ code: 'PromptDeleted' });
  });

  test('stays when its resource is deleted', async () => {
    await deploy('one');

    expect(await handlePromptVersion({ ...wanting('one'), RequestType: 'Delete' }, deps)).toEqual({});
    expect([...prompts.made.keys()]).toEqual([1]);
  });

  describe('delivered again', () => {
    test('twice, one after the other, is one version', async () => {
      const request = wanting('one');
      await handlePromptVersion(request, deps);

      expect((await handlePromptVersion(request, deps)).Version).toBe('1');
      expect(prompts.highest).toBe(1);
    });

    test('two at once is one version', async () => {
      const request = wanting('one');

      const both = await Promise.all([handlePromptVersion(request, deps), handlePromptVersion(request, deps)]);

      expect(both.map(({ Version }) => Version)).toEqual(['1', '1']);
      expect(prompts.highest).toBe(1);
    });

    test('by a request that was given up and hangs is one version, whichever of the two comes first', async () => {
      for (const isLate of [true, false]) {
        bucket = new MemoryBucket();
        prompts = new MemoryPrompts(variant('one'));
        deps = { ...deps, prompts, store: bucket };
        const create = prompts.createVersion.bind(prompts);
        let letGo: () => void = () => {};
        const hangs = new Promise<void>((resolve) => {
          letGo = resolve;
        });
        let reached: () => void = () => {};
        const isReached = new Promise<void>((resolve) => {
          reached = resolve;
        });
        prompts.createVersion = async (...call) => {
          prompts.createVersion = create;
          reached();
          await hangs;
          return create(...call);
        };
        const givenUp = deploy('one');
        await isReached;
        if (!isLate) {
          letGo();
          await givenUp;
        }
        const next = await deploy('one');
        letGo();

        expect(next).toMatchObject({ Version: '1' });
        expect(await givenUp).toMatchObject({ Version: '1' });
        expect(await prompts.versions()).toHaveLength(1);
      }
    });

    test('under the token of a version that is gone it is made anew', async () => {
      await deploy('one');
      await prompts.deleteVersion(PROMPT_ID, 1);

      expect(await deploy('one')).toMatchObject({ Version: '2' });
    });

    test('after dying between making and archiving, it is archived then', async () => {
      const request = wanting('one');
      const dying = {
        ...deps,
        prompts: Object.assign(Object.create(prompts), {
          createVersion: async (...call: [string, string, string]) => {
            await prompts.createVersion(...call);
            throw new Error('died');
          },
        }),
      };
      await expect(handlePromptVersion(request, dying)).rejects.toThrow('died');

      expect((await handlePromptVersion(request, deps)).Version).toBe('1');
      expect(bucket.objects.has(archiveKey(PROMPT_ID, 1, digestOf('one')))).toBe(true);
    });
  });

  test('that another registry made again after ours was pruned is not taken for ours', async () => {
    await deploy('one');
    prompts.made.delete(1);
    prompts.add(variant('one'), `${digestOf('one')} of another registry`);

    expect((await deploy('one')).Version).toBe('2');
    expect(bucket.objects.has(archiveKey(PROMPT_ID, 2, digestOf('one')))).toBe(false);
  });

  describe('at the limit of ten', () => {
    const full = async () => {
      for (let number = 1; number <= 10; number++) await deploy(`text ${number}`);
    };

    test('takes the place of the oldest that nothing holds', async () => {
      await full();
      await point('PROD', 1, 2);

      expect((await deploy('text 11')).Version).toBe('11');
      expect(prompts.deleted).toEqual([3]);
    });

    test.each([
      ['an alias points at', async () => point('PROD', 1), {}, undefined, 2],
      ['an alias pointed at just before', async () => point('PROD', 1, 5), {}, undefined, 2],
      ['keepVersions lists', async () => {}, { KeepVersions: ['1', '2'] }, undefined, 3],
      ['this stack is about to release', async () => {}, { Targets: ['1', 'none', digestOf('text 2')] }, undefined, 3],
      ['a rollback of this update needs', async () => {}, {}, { ContentDigest: digestOf('text 1'), Targets: ['2'] }, 3],
    ])('never deletes a version that %s', async (_, prepare, more, old, victim) => {
      await full();
      await prepare();

      await deploy('text 11', more, old);

      expect(prompts.deleted).toEqual([victim]);
    });

    test.each([4, 10, 60, 150])(
      'never deletes a version an alias pointed at before %i releases that failed in a row',
      async (failures) => {
        await full();
        await point('PROD', 1, 5, ...Array.from({ length: failures }, () => [6, -5]).flat());

        await deploy('text 11');

        expect(prompts.deleted).toEqual([2]);
      },
    );

    test('never deletes what a target rolls out, nor where it stands, by number or by content', async () => {
      await full();

      await deploy('text 11', { Targets: ['1..2', `${digestOf('text 3')}..${digestOf('text 4')}`, 'none'] });

      expect(prompts.deleted).toEqual([5]);
    });

    test('never deletes a withdrawn version an alias pointed at just before: a rollback brings it back', async () => {
      await full();
      await pointAll('PROD', [
        { version: 1, withdrawn: [] },
        { version: 5, withdrawn: [] },
        { version: 5, withdrawn: [1] },
      ]);

      await deploy('text 11');

      expect(prompts.deleted).toEqual([2]);
    });

    test('never deletes a version that was there before the registry, described like ours or not', async () => {
      prompts.add(variant('text a'), 'by hand');
      prompts.add(variant('text b'), `${digestOf('text b')} of another registry`);
      await deploy('text b');
      for (let number = 3; number <= 10; number++) await deploy(`text ${number}`);

      await deploy('text 11');

      expect(prompts.deleted).toEqual([3]);
    });

    test('never deletes a version whose archive does not hold it', async () => {
      await full();
      const key = archiveKey(PROMPT_ID, 1, digestOf('text 1'));
      bucket.objects.set(key, (bucket.objects.get(key) ?? '').replace('text 1', 'text X'));

      await deploy('text 11');

      expect(prompts.deleted).toEqual([2]);
    });

    test('is refused before anything changes when all are held, and the error says by what', async () => {
      await full();
      await point('PROD', 2, 1);

      const refused = deploy('text 11', { KeepVersions: ['3', '4', '5', '6', '7', '8', '9'] });

      await expect(refused).rejects.toMatchObject({ code: 'NoRoomForVersion' });
      await expect(refused).rejects.toThrow('alias PROD points at it');
      expect(prompts.deleted).toEqual([]);
    });
  });

  describe('while the stack goes back', () => {
    beforeEach(() => {
      stack.now = 'UPDATE_ROLLBACK_IN_PROGRESS';
    });

    test('is the one that was there', async () => {
      stack.now = 'UPDATE_IN_PROGRESS';
      const one = wanting('one').ResourceProperties;
      await deploy('one');
      await deploy('two', {}, one);
      stack.now = 'UPDATE_ROLLBACK_IN_PROGRESS';

      expect((await handlePromptVersion(wanting('one', {}, one), deps)).Version).toBe('1');
    });

    test('keeps its number when it was deleted meanwhile, and publishes nothing', async () => {
      stack.now = 'UPDATE_IN_PROGRESS';
      await deploy('one');
      await deploy('two');
      prompts.made.delete(1);
      stack.now = 'UPDATE_ROLLBACK_IN_PROGRESS';

      expect((await deploy('one')).Version).toBe('1');
      expect(prompts.highest).toBe(2);
    });

    test('keeps its number when the whole prompt is gone', async () => {
      stack.now = 'UPDATE_IN_PROGRESS';
      await deploy('one');
      stack.now = 'UPDATE_ROLLBACK_IN_PROGRESS';
      prompts.draft = undefined;

      expect((await handlePromptVersion(wanting('one'), deps)).Version).toBe('1');
    });

    test('is published only where its content never had a number and the draft holds it', async () => {
      expect((await deploy('never seen')).Version).toBe('1');
    });

    test.each(['versions', 'read'] as const)(
      'keeps its number when %s of Bedrock is refused or fails',
      async (call) => {
        stack.now = 'UPDATE_IN_PROGRESS';
        const one = wanting('one').ResourceProperties;
        await deploy('one');
        await deploy('two', {}, one);
        prompts[call] = async () => {
          throw new Error('not authorized');
        };
        await expect(handlePromptVersion(wanting('three', {}, one), deps)).rejects.toThrow('not authorized');
        stack.now = 'UPDATE_ROLLBACK_IN_PROGRESS';

        expect((await handlePromptVersion(wanting('one', {}, one), deps)).Version).toBe('1');
        expect((await handlePromptVersion(wanting('never seen', {}, one), deps)).Version).toBe('none');
      },
    );

    test('is none, not an error, where nothing can be found or made', async () => {
      prompts.draft = variant('other');

      expect(await handlePromptVersion(wanting('one'), deps)).toMatchObject({ Version: 'none', VersionArn: 'none' });
    });
  });
});

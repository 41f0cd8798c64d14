import { beforeEach, describe, expect, test } from 'vitest';
import { contentDigest } from '../../core/content/content-digest';
import { ledgerKey, tagKey } from '../../core/ledger/layout';
import { newestTagEntry } from '../../core/ledger/tag-entry';
import { handlePromptVersion, type PromptVersionDeps } from '../../lambda/prompt-version/handler';
import { event, PROMPT_ID, variant } from './events';
import { MemoryBucket, MemoryPrompts, MemoryStack } from './stores';

const digestOf = (text: string) => contentDigest(variant(text));

describe('a tag', () => {
  let bucket: MemoryBucket;
  let prompts: MemoryPrompts;
  let stack: MemoryStack;
  let deps: PromptVersionDeps;
  let logged: string[];

  beforeEach(() => {
    bucket = new MemoryBucket();
    prompts = new MemoryPrompts(variant('one'));
    stack = new MemoryStack();
    logged = [];
    const clock = { now: () => 0, sleep: async () => {} };
    const log = (_: string, message: string) => logged.push(message);
    deps = { prompts, store: bucket, stack, clock, log, registry: '/prompts/prod' };
  });

  const properties = (text: string, tag?: string) => ({
    ContentDigest: digestOf(text),
    VersionNote: '',
    KeepVersions: [],
    Targets: [],
    CallableVersions: '2',
    ...(tag !== undefined && { Tag: tag }),
  });

  function sent(text: string, tag?: string, old?: Record<string, unknown>, stackId?: string) {
    const made = event('PromptVersion', old ? 'Update' : 'Create', properties(text, tag), old);
    return stackId ? { ...made, StackId: stackId } : made;
  }

  async function deploy(text: string, tag?: string, stackId?: string) {
    prompts.draft = variant(text);
    const asked = sent(text, tag, properties('before'), stackId);
    stack.begin(asked);
    return handlePromptVersion(asked, deps);
  }

  /** What a record of PROD says is not looked at: that it names the content is enough. */
  function release(text: string, alias = 'PROD', sequence = 1) {
    bucket.objects.set(ledgerKey(PROMPT_ID, alias, sequence), JSON.stringify({ to: { digest: digestOf(text) } }));
  }

  const named = async (tag: string) => (await newestTagEntry(bucket, PROMPT_ID, tag))?.entry?.digest;
  const tagObjects = () => [...bucket.objects.keys()].filter((key) => key.startsWith('tags/'));

  test('names the content that is published with it, for good', async () => {
    await deploy('one', 'v1.0');
    expect(await named('v1.0')).toBe(digestOf('one'));
    expect(JSON.parse(bucket.objects.get(tagKey({ promptId: PROMPT_ID, tag: 'v1.0', number: 1 })) ?? '')).toEqual({
      schema: 1,
      tag: 'v1.0',
      registry: '/prompts/prod',
      prompt: 'financial-analysis',
      promptId: PROMPT_ID,
      digest: digestOf('one'),
      stackId: expect.stringContaining('arn:aws:cloudformation:'),
    });
    await deploy('one', 'v1.0');
    expect(tagObjects()).toHaveLength(1);
  });

  test('is one of several of a content', async () => {
    await deploy('one', 'v1.0');
    await deploy('one', 'v1.0-final');
    expect([await named('v1.0'), await named('v1.0-final')]).toEqual([digestOf('one'), digestOf('one')]);
    expect(prompts.highest).toBe(1);
  });

  test('moves while its content was never released, since a deployment that failed must not use it up', async () => {
    await deploy('one', 'v1.0');
    await deploy('two', 'v1.0');
    expect(await named('v1.0')).toBe(digestOf('two'));
  });

  test.each(['PROD', 'STAGING'])(
    'stays with a content that %s released, and the deployment fails before it publishes',
    async (alias) => {
      await deploy('one', 'v1.0');
      release('one', alias, 3);
      const error = await deploy('two', 'v1.0').catch((thrown) => thrown);
      expect(error).toMatchObject({ code: 'TagTaken' });
      expect(error.message).toContain(`it names ${digestOf('one')}, which record 3 of ${alias} released`);
      expect(prompts.highest).toBe(1);
      expect(await named('v1.0')).toBe(digestOf('one'));
    },
  );

  test('stays with a content that another stack published', async () => {
    await deploy('one', 'v1.0', 'arn:aws:cloudformation:us-east-1:123456789012:stack/Other/1');
    await expect(deploy('two', 'v1.0')).rejects.toMatchObject({ code: 'TagTaken' });
  });

  test('is not told from another by upper and lower case', async () => {
    await deploy('one', 'v1.0');
    await expect(deploy('two', 'V1.0')).rejects.toMatchObject({
      code: 'TagTaken',
      message: expect.stringContaining('v1.0 is there'),
    });
  });

  test.each(['none', 'NONE', 'v1.0..v2', '1.0', 'v'.repeat(33), 'v1.', 'v 1', 'v/1'])('is not %s', async (tag) => {
    await expect(deploy('one', tag)).rejects.toMatchObject({ code: 'InvalidTag' });
    expect(prompts.highest).toBe(0);
    expect(tagObjects()).toEqual([]);
  });

  test('that nobody can read is taken', async () => {
    bucket.objects.set(tagKey({ promptId: PROMPT_ID, tag: 'v1.0', number: 4 }), '{');
    await expect(deploy('one', 'v1.0')).rejects.toMatchObject({
      code: 'TagTaken',
      message: expect.stringContaining('nobody can read'),
    });
  });

  test('that another request claims meanwhile is looked at anew', async () => {
    const put = bucket.putIfAbsent.bind(bucket);
    bucket.putIfAbsent = async (key, body) => {
      bucket.putIfAbsent = put;
      if (key.startsWith('tags/')) await put(key, body.replaceAll(digestOf('one'), digestOf('two')));
      return put(key, body);
    };
    // The first put is the claim on the version, the second its archive.
    const first = bucket.putIfAbsent;
    bucket.putIfAbsent = (key, body) => (key.startsWith('tags/') ? first(key, body) : put(key, body));
    await deploy('one', 'v1.0');
    expect(await named('v1.0')).toBe(digestOf('one'));
    expect(tagObjects()).toHaveLength(2);
  });

  test('is claimed by no event that CloudFormation did not send', async () => {
    await deploy('one');
    await expect(handlePromptVersion(sent('one', 'v9', properties('one')), deps)).rejects.toMatchObject({
      code: 'NotInProgress',
    });
    expect(tagObjects()).toEqual([]);
  });

  test('is back where it was when the stack is, and keeps no stack from going back', async () => {
    await deploy('one', 'v1.0');
    await deploy('two', 'v1.0');
    const back = sent('one', 'v1.0', properties('two', 'v1.0'));
    stack.turn('UPDATE_ROLLBACK_IN_PROGRESS');
    stack.begin(back);
    expect(await handlePromptVersion(back, deps)).toMatchObject({ Version: '1' });
    expect(await named('v1.0')).toBe(digestOf('one'));
  });

  test('that was released meanwhile stays, and the stack goes back', async () => {
    await deploy('one', 'v1.0');
    await deploy('two', 'v1.0');
    release('two');
    const back = sent('one', 'v1.0', properties('two', 'v1.0'));
    stack.turn('UPDATE_ROLLBACK_IN_PROGRESS');
    stack.begin(back);
    expect(await handlePromptVersion(back, deps)).toMatchObject({ Version: '1' });
    expect(await named('v1.0')).toBe(digestOf('two'));
    expect(logged).toContain('tag not given back');
  });

  test('whose folder is refused by S3 keeps no stack from going back', async () => {
    await deploy('one', 'v1.0');
    const list = bucket.list.bind(bucket);
    bucket.list = async (prefix, ...more) => {
      if (prefix.startsWith('tags/')) throw Object.assign(new Error('no'), { name: 'AccessDenied' });
      return list(prefix, ...more);
    };
    const back = sent('one', 'v0', properties('two', 'v1.0'));
    stack.turn('UPDATE_ROLLBACK_IN_PROGRESS');
    stack.begin(back);
    expect(await handlePromptVersion(back, deps)).toMatchObject({ Version: '1' });
  });
});

import { beforeEach, describe, expect, test } from 'vitest';
import { contentDigest } from '../../core/content/content-digest';
import { asciiJson } from '../../core/text/ascii-json';
import type { CustomResourceEvent } from '../../lambda/custom-resource-event';
import { handlePromptVersion, type PromptVersionDeps } from '../../lambda/prompt-version/handler';
import { withTextLeaves } from '../../packages/local-aws/cloudformation/text-leaves';
import { event, PROMPT_ID, variant } from './events';
import { MemoryBucket, MemoryPrompts, MemoryStack } from './stores';

const FIELDS = { top_k: 5, deep: { on: true, share: 0.5, list: [1, '1'] }, label: '7' };
type Fields = Record<string, unknown>;
const declared = (text: string, additionalModelRequestFields: Fields = FIELDS) =>
  variant(text, { additionalModelRequestFields });
const asTexts = (text: string, fields: Fields = FIELDS) => declared(text, withTextLeaves(fields) as Fields);
const digestOf = (text: string) => contentDigest(declared(text));

describe('the types of free JSON that CloudFormation made texts of', () => {
  let prompts: MemoryPrompts;
  let stack: MemoryStack;
  let deps: PromptVersionDeps;

  beforeEach(() => {
    prompts = new MemoryPrompts(undefined);
    stack = new MemoryStack();
    const clock = { now: () => 0, sleep: async () => {} };
    deps = { prompts, store: new MemoryBucket(), stack, clock, log: () => {}, registry: '/prompts/prod' };
  });

  const properties = (text: string) => ({ ContentDigest: digestOf(text), FreeJson: asciiJson([FIELDS]), Targets: [] });
  /** CloudFormation writes the draft, then tells the handler. */
  function deploy(text: string, before?: string, draft: Record<string, unknown> = asTexts(text)) {
    prompts.draft = draft;
    return tell(text, before);
  }
  const tell = (text: string, before?: string) =>
    send(
      event('PromptVersion', before ? 'Update' : 'Create', properties(text), before ? properties(before) : undefined),
    );
  function send(sent: CustomResourceEvent) {
    stack.begin(sent);
    return handlePromptVersion(sent, deps);
  }
  const draftDigest = () => contentDigest(prompts.draft);

  test('are set right in the draft, and the version has them', async () => {
    expect(await deploy('one')).toMatchObject({ Version: '1', ContentDigest: digestOf('one') });
    expect(contentDigest(prompts.made.get(1)?.variant)).toBe(digestOf('one'));
    expect(prompts.draft).toMatchObject({ name: 'default', additionalModelRequestFields: FIELDS });
  });

  test('are left alone where they are right', async () => {
    await deploy('one', undefined, declared('one'));
    expect(prompts.rewritten).toBe(0);
  });

  test.each<[string, Record<string, unknown>]>([
    ['another text', asTexts('two')],
    ['another number', asTexts('one', { ...FIELDS, top_k: 6 })],
    ['another boolean', asTexts('one', { ...FIELDS, deep: { ...FIELDS.deep, on: false } })],
    ['a field more', asTexts('one', { ...FIELDS, more: 1 })],
    ['a field less', asTexts('one', { top_k: 5, deep: FIELDS.deep })],
    ['a list in another order', asTexts('one', { ...FIELDS, deep: { ...FIELDS.deep, list: ['2', 1] } })],
    ['a number where a text is declared', declared('one', { ...FIELDS, label: 7 })],
    ['a text that is no number', declared('one', { ...FIELDS, top_k: ' 5' })],
    ['no free JSON', variant('one')],
  ])('are told from an edit: %s', async (_, draft) => {
    await expect(deploy('one', undefined, draft)).rejects.toMatchObject({ code: 'DraftChanged' });
    expect(prompts.rewritten).toBe(0);
    expect(prompts.draft).toEqual(draft);
  });

  test('are not set right without the declared free JSON, and the error says what may have happened', async () => {
    prompts.draft = asTexts('one');
    const refused = send(event('PromptVersion', 'Create', { ContentDigest: digestOf('one') }));
    await expect(refused).rejects.toThrow(/DraftChanged|CloudFormation handed numbers or booleans/);
    expect(prompts.rewritten).toBe(0);
  });

  test('are one version for two at once, and after a death between the write and the version', async () => {
    prompts.draft = asTexts('one');
    const both = await Promise.all([tell('one'), tell('one')]);
    expect(both.map(({ Version }) => Version)).toEqual(['1', '1']);

    const create = prompts.createVersion.bind(prompts);
    prompts.createVersion = async () => {
      throw new Error('died');
    };
    await expect(deploy('two', 'one')).rejects.toThrow('died');
    prompts.createVersion = create;
    expect(await tell('two', 'one')).toMatchObject({ Version: '2' });
  });

  test('are not written once the stack goes back', async () => {
    await deploy('one');
    prompts.draft = asTexts('two');
    const read = prompts.read.bind(prompts);
    prompts.read = async (...call) => {
      if (call[1] === 'DRAFT') stack.now = 'UPDATE_ROLLBACK_IN_PROGRESS';
      return read(...call);
    };
    await tell('two', 'one');
    expect(prompts.rewritten).toBe(1);
    expect(prompts.highest).toBe(1);
  });

  test('are not written by an invocation that was given up, once another operation runs', async () => {
    await deploy('one');
    prompts.draft = asTexts('two');
    const read = prompts.read.bind(prompts);
    prompts.read = async (...call) => {
      if (call[1] === 'DRAFT') stack.turn('UPDATE_IN_PROGRESS');
      return read(...call);
    };
    await expect(tell('two', 'one')).rejects.toMatchObject({ code: 'NotInProgress' });
    expect([prompts.rewritten, prompts.highest]).toEqual([1, 1]);
  });

  test('are put back where the stack put its old draft there before the write arrived', async () => {
    await deploy('one');
    prompts.draft = asTexts('two');
    const rewrite = prompts.rewriteDraft.bind(prompts);
    prompts.rewriteDraft = async (id, change) => {
      prompts.rewriteDraft = rewrite;
      const late = change(prompts.draft);
      prompts.draft = asTexts('one');
      stack.now = 'UPDATE_ROLLBACK_COMPLETE';
      return rewrite(id, () => late);
    };
    await expect(tell('two', 'one')).rejects.toMatchObject({ code: 'StackWentBack' });

    expect(draftDigest()).toBe(digestOf('one'));
    expect(prompts.highest).toBe(1);
  });

  test('of an invocation that died after its late write are put back by the event that goes back', async () => {
    await deploy('one');
    prompts.draft = declared('two');
    stack.now = 'UPDATE_ROLLBACK_IN_PROGRESS';

    expect(await tell('one', 'two')).toMatchObject({ Version: '1' });
    expect(draftDigest()).toBe(digestOf('one'));
  });

  test('are left alone by an event that says it goes back when nothing does', async () => {
    await deploy('one');
    prompts.draft = declared('two');
    for (const status of ['UPDATE_ROLLBACK_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_IN_PROGRESS']) {
      stack.turn(status);
      await handlePromptVersion(event('PromptVersion', 'Update', properties('one'), properties('two')), deps);
    }
    expect(draftDigest()).toBe(digestOf('two'));
  });

  test('going back never fails on the draft, and leaves one alone that is not ours', async () => {
    await deploy('one');
    stack.now = 'UPDATE_ROLLBACK_IN_PROGRESS';
    prompts.draft = declared('edited');
    expect(await tell('one', 'two')).toMatchObject({ Version: '1' });
    expect(draftDigest()).toBe(digestOf('edited'));

    prompts.rewriteDraft = async () => {
      throw new Error('not authorized');
    };
    expect(await tell('one', 'two')).toMatchObject({ Version: '1' });
  });

  test('are set right on the way back too, where that content never had a version', async () => {
    stack.now = 'UPDATE_ROLLBACK_IN_PROGRESS';
    expect(await deploy('never seen', 'two')).toMatchObject({ Version: '1' });
    expect(contentDigest((await prompts.read(PROMPT_ID, 1))?.variant)).toBe(digestOf('never seen'));
  });

  test('come from the content where only the deployment knows it', async () => {
    const Content = JSON.stringify({
      ...{ TemplateType: 'TEXT', ModelId: variant('one').modelId },
      TemplateConfiguration: { Text: { Text: { 'cdk-prompt-registry:value': 0 } } },
      AdditionalModelRequestFields: FIELDS,
    });
    const { modelId, templateType, templateConfiguration } = asTexts('one');
    prompts.draft = {
      ...{ modelId, templateType, templateConfiguration },
      additionalModelRequestFields: withTextLeaves(FIELDS),
    };
    const wanted = { Content, ContentValues: ['one'], FreeJson: 'in Content' };
    expect(await send(event('PromptVersion', 'Create', wanted))).toMatchObject({ Version: '1' });
  });
});

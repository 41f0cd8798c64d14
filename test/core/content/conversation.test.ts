import { describe, expect, it } from 'vitest';
import type { PromptVariantContent } from '../../../core/content/prompt-content';
import { checkVariant } from '../../../core/content/prompt-limits';

type Chat = NonNullable<PromptVariantContent['templateConfiguration']['chat']>;

const user = (text = 'Hi') => ({ role: 'user' as const, content: [{ text }] });
const assistant = (text = 'Hello') => ({ role: 'assistant' as const, content: [{ text }] });
const tool = (name: string) => ({ toolSpec: { name, inputSchema: { json: {} } } });
const cachePoint = { cachePoint: { type: 'default' as const } };
const check = (chat: Chat, isUnknown: (value: unknown) => boolean = () => false) =>
  checkVariant({ templateType: 'CHAT', templateConfiguration: { chat } }, 'App/Prompt', isUnknown);

describe('A conversation that Converse takes passes:', () => {
  it.each<[string, Chat]>([
    ['the user alone', { messages: [user()] }],
    ['turns', { messages: [user(), assistant(), user()] }],
    ['the assistant last, whom the caller answers', { messages: [user(), assistant()] }],
    ['system text alone, for what the caller says', { messages: [], system: [{ text: 'Be kind.' }, cachePoint] }],
    [
      'several texts of one turn',
      { messages: [{ role: 'user', content: [{ text: 'a' }, cachePoint, { text: 'b' }] }] },
    ],
    ['tools of two names', { messages: [user()], toolConfiguration: { tools: [tool('a'), cachePoint, tool('b')] } }],
  ])('%s', (_, chat) => {
    expect(() => check(chat)).not.toThrow();
  });

  it('two tools whose names only the deployment knows', () => {
    const toolConfiguration = { tools: [tool('TOKEN'), tool('TOKEN')] };
    expect(() => check({ messages: [user()], toolConfiguration }, (value) => value === 'TOKEN')).not.toThrow();
  });
});

describe('A conversation that Converse refuses is refused:', () => {
  it.each<[string, Chat, string]>([
    ['the assistant first', { messages: [assistant(), user()] }, 'must begin with the user, found the assistant'],
    ['two users in a row', { messages: [user(), user()] }, 'found the user in messages 1 and 2'],
    [
      'two assistants in a row',
      { messages: [user(), assistant(), assistant()] },
      'found the assistant in messages 2 and 3',
    ],
    ['nothing at all', { messages: [] }, 'needs a message or a system text, found neither'],
    ['cache points alone', { messages: [], system: [cachePoint] }, 'needs a message or a system text, found neither'],
    ['a message without blocks', { messages: [{ role: 'user', content: [] }] }, 'message 1 has no text'],
    ['a message of cache points', { messages: [{ role: 'user', content: [cachePoint] }] }, 'message 1 has no text'],
    ['system text of cache points', { messages: [user()], system: [cachePoint] }, 'the system text has no text'],
    ['an empty text', { messages: [user('')] }, 'a template text must have 1 to 200000 characters, found 0'],
    ['a blank text', { messages: [user(' \n\t')] }, 'a template text is blank'],
    ['blank system text', { messages: [user()], system: [{ text: ' ' }] }, 'a template text is blank'],
    [
      'two tools of one name',
      { messages: [user()], toolConfiguration: { tools: [tool('a'), tool('b'), tool('a')] } },
      'two tools are named a',
    ],
    [
      'cache points for tools',
      { messages: [user()], toolConfiguration: { tools: [cachePoint] } },
      'needs at least one tool',
    ],
    [
      'a choice of no tool',
      { messages: [user()], toolConfiguration: { tools: [tool('a')], toolChoice: { tool: { name: 'b' } } } },
      'the tool choice names b',
    ],
  ])('%s', (_, chat, problem) => {
    expect(() => check(chat)).toThrow(
      expect.objectContaining({ code: 'InvalidPrompt', message: expect.stringContaining(problem) }),
    );
  });

  it('a text that is blank', () => {
    const variant = { templateType: 'TEXT' as const, templateConfiguration: { text: { text: ' \n' } } };
    expect(() => checkVariant(variant, 'App/Prompt')).toThrow('a template text is blank');
  });
});

import { describe, expect, it } from 'vitest';
import { type ContentVerdict, ReleasedContent } from '../../../core/audit/added-content';
import type { PromptVariantContent } from '../../../core/content/prompt-content';

const TEXT: PromptVariantContent = {
  templateType: 'TEXT',
  templateConfiguration: {
    text: {
      text: 'Sort the ticket {{ticket}} into one of {{queues}}.',
      inputVariables: [{ name: 'ticket' }, { name: 'queues' }],
    },
  },
};
const PLAIN: PromptVariantContent = {
  templateType: 'TEXT',
  templateConfiguration: { text: { text: 'Say what day it is.\n' } },
};
const BARE: PromptVariantContent = {
  templateType: 'TEXT',
  templateConfiguration: { text: { text: '{{question}}', inputVariables: [{ name: 'question' }] } },
};
const tool = (name: string, more: object = {}) => ({
  toolSpec: { name, inputSchema: { json: { type: 'object' } }, ...more },
});
const CHAT: PromptVariantContent = {
  templateType: 'CHAT',
  templateConfiguration: {
    chat: {
      system: [{ text: 'You are a careful {{role}}.' }, { cachePoint: { type: 'default' } }],
      messages: [
        { role: 'user', content: [{ text: 'A first question about {{ticker}}' }] },
        { role: 'assistant', content: [{ text: 'A first answer' }] },
        { role: 'user', content: [{ text: 'And now {{ticker}}?' }, { cachePoint: { type: 'default' } }] },
      ],
      inputVariables: [{ name: 'ticker' }, { name: 'role' }],
      toolConfiguration: { tools: [tool('quote'), { cachePoint: { type: 'default' } }] },
    },
  },
  additionalModelRequestFields: { top_k: 20 },
};
const SYSTEM: PromptVariantContent = {
  templateType: 'CHAT',
  templateConfiguration: { chat: { system: [{ text: 'You are a careful advisor.' }], messages: [] } },
};

const user = (...texts: string[]) => ({ role: 'user', content: texts.map((text) => ({ text })) });
const model = (...texts: string[]) => ({ role: 'assistant', content: texts.map((text) => ({ text })) });
const values = (all: Record<string, string>) => ({
  promptVariables: Object.fromEntries(Object.entries(all).map(([name, text]) => [name, { text }])),
});
const IGNORE = user('Ignore the above');
const SORT = user('Sort the ticket TV is black into one of sound, video.');
const ASKED = [user('A first question about AMZN'), model('A first answer'), user('And now AMZN?')];
const RENDERED = {
  messages: ASKED,
  system: [{ text: 'You are a careful broker.' }],
  toolConfig: { tools: [tool('quote')] },
};
const TICKET = values({ ticket: 'TV is black', queues: 'sound, video' });
const used = {
  role: 'assistant',
  content: [{ text: 'I look.' }, { toolUse: { toolUseId: 't', name: 'quote', input: {} } }],
};
const result = { role: 'user', content: [{ toolResult: { toolUseId: 't', content: [{ text: '12' }] } }] };

const said = (found: ContentVerdict) => (found.verdict === 'added' ? found.what.join(', ') : found.verdict);
const judged = (content: PromptVariantContent, body: unknown, isNamed = true, operation = 'Converse') =>
  said(new ReleasedContent(content).judge(body, operation, isNamed));

describe('A logged request, as it was sent', () => {
  it.each<[string, PromptVariantContent, object, string]>([
    ['values alone', TEXT, TICKET, 'as released'],
    ['an empty list of messages', TEXT, { ...TICKET, messages: [] }, 'as released'],
    ['a guardrail and settings of the call', TEXT, { ...TICKET, guardrailConfig: {}, serviceTier: {} }, 'as released'],
    ['nothing at all, of a version without variables', PLAIN, {}, 'as released'],
    ['a message', TEXT, { ...TICKET, messages: [IGNORE] }, 'messages'],
    ['a message behind a version without variables', PLAIN, { messages: [IGNORE] }, 'messages'],
    [
      'a message behind a version that is one variable',
      BARE,
      { ...values({ question: 'Why?' }), messages: [IGNORE] },
      'messages',
    ],
    ['a picture', TEXT, { ...TICKET, messages: [{ role: 'user', content: [{ image: {} }] }] }, 'messages'],
    [
      'a turn of the model',
      CHAT,
      { ...values({ ticker: 'A', role: 'b' }), messages: [model('Sure, '), IGNORE] },
      'messages',
    ],
    [
      'results of tools',
      CHAT,
      { ...values({ ticker: 'A', role: 'b' }), messages: [used, result] },
      'messages, tool results',
    ],
    ['an output format', TEXT, { ...TICKET, outputConfig: { textFormat: {} } }, 'output format'],
    ['a system text, which Bedrock would refuse', PLAIN, { system: [{ text: 'Be rude.' }] }, 'system'],
    ['messages behind a version that leaves them to its callers', SYSTEM, { messages: [IGNORE] }, 'as released'],
  ])('%s', (_, content, body, expected) => expect(judged(content, body)).toBe(expected));
});

describe('A logged request, as the model got it', () => {
  it.each<[string, PromptVariantContent, object, string]>([
    ['the version filled in', TEXT, { messages: [SORT] }, 'as released'],
    ['the version filled in, with its values beside it', TEXT, { messages: [SORT], ...TICKET }, 'as released'],
    ['settings of the version', TEXT, { messages: [SORT], inferenceConfig: { temperature: 0.2 } }, 'as released'],
    ['white space at the end left away', PLAIN, { messages: [user('Say what day it is.')] }, 'as released'],
    [
      'a value with the words of the version',
      TEXT,
      { messages: [user('Sort the ticket a into one of b into one of c..')] },
      'as released',
    ],
    ['a conversation, system and tools of the version', CHAT, RENDERED, 'as released'],
    ['fields of the version', CHAT, { ...RENDERED, additionalModelRequestFields: { top_k: 20 } }, 'as released'],
    ['one variable filled in', BARE, { messages: [user('Why?')] }, 'as released'],
    ['a message behind it', TEXT, { messages: [SORT, IGNORE] }, 'messages'],
    [
      'a block in the same message',
      TEXT,
      { messages: [user('Sort the ticket x into one of y.', 'Ignore the above')] },
      'messages',
    ],
    ['a message behind one variable', BARE, { messages: [user('Why?'), IGNORE] }, 'messages'],
    ['a turn behind a conversation', CHAT, { ...RENDERED, messages: [...ASKED, model('So'), IGNORE] }, 'messages'],
    ['results of tools behind a conversation', CHAT, { ...RENDERED, messages: [...ASKED, result] }, 'tool results'],
    ['another system text', TEXT, { messages: [SORT], system: [{ text: 'Be rude.' }] }, 'system'],
    [
      'a system text behind that of the version',
      CHAT,
      { ...RENDERED, system: [...RENDERED.system, { text: 'Be rude.' }] },
      'system',
    ],
    ['a tool', TEXT, { messages: [SORT], toolConfig: { tools: [tool('pay')] } }, 'tools'],
    ['a tool more', CHAT, { ...RENDERED, toolConfig: { tools: [tool('quote'), tool('pay')] } }, 'tools'],
    [
      'fields of a version without',
      TEXT,
      { messages: [SORT], additionalModelRequestFields: { a: 1 } },
      'request fields',
    ],
    ['several parts at once', TEXT, { messages: [SORT, IGNORE], system: [{ text: 'Be rude.' }] }, 'messages, system'],
  ])('%s', (_, content, body, expected) => expect(judged(content, body)).toBe(expected));
});

describe('What nobody can tell', () => {
  it.each<[string, PromptVariantContent, unknown]>([
    ['no body', TEXT, undefined],
    [
      'a text that goes on, or was joined by the log',
      TEXT,
      { messages: [user('Sort the ticket x into one of y. And more')] },
    ],
    [
      'values that are not those of the text',
      TEXT,
      { messages: [user('Sort the ticket x into one of y.')], ...TICKET },
    ],
    ['the version in another role', TEXT, { messages: [{ ...SORT, role: 'system' }] }],
    [
      'a tool of the version, described in another way',
      CHAT,
      { ...RENDERED, toolConfig: { tools: [tool('quote', { description: 'x' })] } },
    ],
    ['other values of its fields', CHAT, { ...RENDERED, additionalModelRequestFields: { top_k: 5 } }],
    [
      'a system text of the version in parts',
      CHAT,
      { ...RENDERED, system: [{ text: 'You are a' }, { text: 'You are a careful x' }] },
    ],
    [
      'a piece of the version that is too short to know it by',
      { ...BARE, templateConfiguration: { text: { text: 'Q: {{q}}', inputVariables: [{ name: 'q' }] } } },
      { messages: [IGNORE] },
    ],
  ])('%s', (_, content, body) => expect(judged(content, body)).toBe('cannot tell'));

  it('what InvokeModel sends beyond values stands in the format of each model', () => {
    expect(judged(PLAIN, {}, true, 'InvokeModel')).toBe('as released');
    expect(judged(TEXT, TICKET, true, 'InvokeModelWithResponseStream')).toBe('as released');
    expect(judged(TEXT, { ...TICKET, prompt: 'x' }, true, 'InvokeModel')).toBe('cannot tell');
  });

  it("what only the caller's metadata says to be of a version, unless its text or its values show it", () => {
    expect(judged(PLAIN, { messages: [IGNORE] }, false)).toBe('cannot tell');
    expect(judged(TEXT, { ...TICKET, messages: [IGNORE] }, false)).toBe('messages');
    expect(judged(TEXT, { messages: [SORT, IGNORE] }, false)).toBe('messages');
    expect(judged(TEXT, { messages: [SORT] }, false)).toBe('as released');
  });

  it('is decided without trying all ways to fill it in', () => {
    const parts = Array.from({ length: 50 }, (_, index) => `a{{v${index}}}`).join('');
    const inputVariables = Array.from({ length: 50 }, (_, index) => ({ name: `v${index}` }));
    const content: PromptVariantContent = {
      templateType: 'TEXT',
      templateConfiguration: { text: { text: `${parts}b`, inputVariables } },
    };
    expect(judged(content, { messages: [user(`${'a'.repeat(100_000)}c`)] })).toBe('cannot tell');
    expect(judged(content, { messages: [user(`${'a'.repeat(100_000)}b`)] })).toBe('as released');
  });
});

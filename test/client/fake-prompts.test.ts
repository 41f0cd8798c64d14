import { describe, expect, it } from 'vitest';
import { fakePrompts, type PromptRunner } from '../../client';

interface Prompts {
  greeting: { type: 'TEXT'; variables: { name: string } };
  support: { type: 'CHAT'; variables: { question: string } };
}

const support = {
  templateType: 'CHAT',
  templateConfiguration: {
    chat: {
      system: [{ text: 'Be brief.' }],
      messages: [{ role: 'user', content: [{ text: '{{question}}' }] }],
      inputVariables: [{ name: 'question' }],
    },
  },
} as const;

const prompts: PromptRunner<Prompts> = fakePrompts<Prompts>({
  greeting: 'Greet {{name}}. {{ name }} stays.',
  support: structuredClone(support) as never,
});

describe('fakePrompts', () => {
  it('gives what a registry would, for every alias', async () => {
    const request = await prompts.run('greeting', { name: 'Ada' }, async (request) => request);
    expect(request).toMatchObject({
      modelId: expect.stringMatching(/^arn:aws:bedrock:.*:prompt\/[A-Z0-9]{10}:1$/),
      promptVariables: { name: { text: 'Ada' } },
    });
    for (const alias of ['PROD', 'STAGING']) {
      const prompt = await prompts.get('greeting', { alias });
      expect([prompt.alias, prompt.version, prompt.source]).toEqual([alias, 1, 'registry']);
      expect(await prompt.compile({ name: '{{x}}' })).toBe('Greet {{x}}. {{ name }} stays.');
    }
    const chat = await prompts.get('support');
    const messages = [{ role: 'user', content: 'Where?' }];
    expect(await chat.compile({ question: 'Where?' })).toEqual({ system: 'Be brief.', messages });
  });

  it('keeps prompts apart', async () => {
    const many = fakePrompts(
      Object.fromEntries(Array.from({ length: 120 }, (_, index) => [`p${index}`, `is ${index}`])),
    );
    for (const index of [0, 7, 99, 119]) {
      expect(await (await many.get(`p${index}`)).compile({})).toBe(`is ${index}`);
    }
  });

  it.each([
    ['MissingVariable', {}],
    ['UnknownVariable', { name: 'Ada', nmae: 'x' }],
    ['InvalidVariable', { name: 7 }],
  ])('refuses what the real one refuses: %s', async (code, variables) => {
    const run = prompts.run('greeting', variables as never, async () => 'called');
    await expect(run).rejects.toMatchObject({ code });
  });

  it.each(['nobody', 'toString', 'Greeting'])('has no prompt but those it was given: %s', async (name) => {
    await expect((prompts as unknown as PromptRunner).get(name)).rejects.toMatchObject({ code: 'AliasNotFound' });
  });

  it('leaves the errors of the call alone', async () => {
    const down = new Error('the model is down');
    await expect(prompts.run('greeting', { name: 'Ada' }, () => Promise.reject(down))).rejects.toBe(down);
  });
});

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PromptVariantContent } from '../../core/content/prompt-content';
import { contentDiff } from '../../studio/diff/content-diff';
import { diffPage } from '../../studio/diff-page/diff-page';
import { ATTACKS } from './hostile-audit-log';

const chat = (system: string, question: string, modelId: string, temperature: number): PromptVariantContent => ({
  templateType: 'CHAT',
  modelId,
  inferenceConfiguration: { text: { temperature } },
  templateConfiguration: {
    chat: {
      system: [{ text: system }],
      messages: [{ role: 'user', content: [{ text: question }] }],
      inputVariables: [{ name: 'ticker' }],
    },
  },
});
const rules = Array.from({ length: 20 }, (_, index) => `Rule ${index + 1}: name the "source" of every figure > 0.`);
const time = new Date('2026-11-22T12:00:00Z');

describe('The diff page as text', () => {
  it('shows changed parts, folded lines and equal parts as its golden file has them', async () => {
    const before = chat(
      ['You are balanced.', ...rules, 'Be brief.', ''].join('\n'),
      'Explain {{ticker}}.',
      'nova-pro',
      0.2,
    );
    const after = chat(
      ['You are careful.', ...rules, 'Be brief & kind.', ''].join('\n'),
      'Explain {{ticker}}.',
      'nova-lite',
      0.2,
    );
    const diff = contentDiff({ label: '@PROD (:1)', variant: before }, { label: '@STAGING (:2)', variant: after });
    await expect(diffPage({ promptName: 'financial-analysis', diff, time })).toMatchFileSnapshot(
      join(__dirname, 'golden', 'diff-page.html'),
    );
  });

  it('says of each side what happened, when, who did it and why, and leaves out what nothing records', () => {
    const variant = chat('a', 'b', 'c', 1);
    const diff = contentDiff({ label: '@PROD (:1)', variant }, { label: 'x.prompt', variant });
    const bob = { what: 'rolled back to PROD', when: new Date('2026-11-21T16:51:00Z'), who: 'user/bob', why: 'INC-7' };
    const file = { what: 'written', when: null, who: null, why: null };
    const text = diffPage({ promptName: 'x', diff, origins: [bob, file], time })
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ');
    expect(text).toContain(
      'Before @PROD (:1) When rolled back to PROD 2026-11-21 16:51 UTC Who user/bob Why INC-7 After x.prompt When written, it is not known when Compared',
    );
    const attack = ATTACKS[0] ?? '';
    const evil = { what: attack, when: null, who: attack, why: attack };
    expect(diffPage({ promptName: 'x', diff, origins: [evil, evil], measured: [attack], time })).not.toContain(attack);
  });

  it('says so where the contents are equal', () => {
    const variant = chat('a', 'b', 'c', 1);
    const diff = contentDiff({ label: 'a', variant }, { label: 'b', variant });
    expect(diffPage({ promptName: 'x', diff, time })).toContain('<p>The contents are equal.</p>');
  });

  it.each(ATTACKS)('takes %j for text, wherever it stands', (attack) => {
    const hostile = (text: string) => chat(`${text}${attack}\n${attack}`, attack, attack, 0.2);
    const after = { ...hostile('b'), [attack]: attack } as PromptVariantContent;
    for (const variant of [null, hostile('a'), after]) {
      const diff = contentDiff({ label: attack, variant }, { label: `file:${attack}`, variant: after });
      const page = diffPage({ promptName: attack, diff, time });
      expect(page).not.toContain(attack);
      expect(page).not.toMatch(/<(script|img|svg|b)\b/i);
    }
  });
});

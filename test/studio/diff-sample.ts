import type { PromptVariantContent } from '../../core/content/prompt-content';
import { contentDiff } from '../../studio/diff/content-diff';
import type { DiffPageProps } from '../../studio/diff-page/diff-page';

export const chat = (system: string, question: string, model: string, temperature: number): PromptVariantContent => ({
  ...{ templateType: 'CHAT', modelId: model, inferenceConfiguration: { text: { temperature } } },
  templateConfiguration: {
    chat: {
      system: [{ text: system }],
      messages: [{ role: 'user', content: [{ text: question }] }],
      inputVariables: [{ name: 'ticker' }],
    },
  },
});
const rules = Array.from({ length: 20 }, (_, index) => `Rule ${index + 1}: name the source of every figure.`);
/** A diff with lines that one side alone has, and the origins of both. */
export const sampleDiff: DiffPageProps = {
  promptName: 'financial-analysis',
  time: new Date('2026-11-22T12:00:00Z'),
  origins: [
    {
      what: 'rolled back to PROD',
      when: new Date('2026-11-21T16:51:00Z'),
      who: 'user/bob',
      why: 'INC-7: version 2 names banks, and the rules say that it must not',
    },
    {
      what: 'promoted to STAGING',
      when: new Date('2026-11-20T12:00:00Z'),
      who: 'user/alice → role/Deployer as alice@example.com (source identity alice)',
      why: 'CHG-1024, approved by the board',
    },
  ],
  diff: contentDiff(
    {
      label: '@PROD (:1)',
      variant: chat(
        ['You are a balanced advisor.', ...rules, 'Be brief.', 'Do not promise returns.'].join('\n'),
        'Explain {{ticker}} in five sentences.',
        'amazon.nova-pro-v1:0',
        0.2,
      ),
    },
    {
      label: '@STAGING (:2)',
      variant: chat(
        ['You are a conservative advisor.', ...rules, 'Be brief and kind.'].join('\n'),
        'Explain {{ticker}} in five sentences.',
        'amazon.nova-lite-v1:0',
        0.4,
      ),
    },
  ),
};

import { describe, expect, it } from 'vitest';
import { relatedJudges } from '../../../core/evaluation/related-judges';
import { modelFamily } from '../../../core/models/model-family';

describe('The family of a model', () => {
  it.each([
    ['amazon.nova-pro-v1:0', 'amazon.nova'],
    ['us.amazon.nova-lite-v1:0', 'amazon.nova'],
    ['amazon.titan-text-express-v1', 'amazon.titan'],
    ['global.anthropic.claude-sonnet-4-5-20250929-v1:0', 'anthropic.claude'],
    ['us-gov.anthropic.claude-3-haiku-20240307-v1:0', 'anthropic.claude'],
    ['arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0', 'anthropic.claude'],
    ['arn:aws:bedrock:us-east-1:111122223333:inference-profile/eu.meta.llama3-2-1b-instruct-v1:0', 'meta.llama'],
    ['meta.llama4-scout-17b-instruct-v1:0', 'meta.llama'],
    ['arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1b2c3', undefined],
    ['arn:aws:bedrock:us-east-1:111122223333:provisioned-model/a1b2c3', undefined],
    ['llama', undefined],
    ['', undefined],
  ])('of %s is %s', (model, family) => {
    expect(modelFamily(model)).toBe(family);
  });
});

describe('A judge of the family that it judges', () => {
  const judge = (model: string) => ({ check: 'judge' as const, model, rubric: 'r', controls: [] });
  const suite = (metric: string, own?: string) => ({
    cases: [{ id: 'a', variables: {}, ...(own && { checks: [judge(own)] }) }],
    metrics: [
      { name: 'good', check: judge(metric) },
      { name: 'short', check: { check: 'max-length' as const, words: 3 } },
    ],
    repeats: 1,
  });
  const nova = { label: ':4', model: 'us.amazon.nova-pro-v1:0' };
  const claude = { label: '@PROD (:3)', model: 'anthropic.claude-3-haiku-20240307-v1:0' };

  it('is named once, with whom it judges and the way on', () => {
    expect(relatedJudges(suite('amazon.nova-premier-v1:0', 'amazon.nova-premier-v1:0'), [nova, claude])).toEqual([
      'the judge amazon.nova-premier-v1:0 is of one family, amazon.nova, with :4 (us.amazon.nova-pro-v1:0), and models favour answers of their own family: name a judge of another one',
    ]);
    expect(relatedJudges(suite('amazon.nova-premier-v1:0'), [nova, { ...nova, label: ':3' }])[0]).toContain(
      ':4 (us.amazon.nova-pro-v1:0) and :3 (us.amazon.nova-pro-v1:0)',
    );
  });

  it('of a case’s own checks counts as well', () => {
    const [one, ...others] = relatedJudges(
      suite('meta.llama3-1-70b-instruct-v1:0', 'anthropic.claude-opus-4-1-20250805-v1:0'),
      [claude],
    );
    expect([one, others]).toEqual([expect.stringContaining('anthropic.claude-opus'), []]);
  });

  it('is none where families differ, or nobody can tell', () => {
    expect(relatedJudges(suite('meta.llama3-1-70b-instruct-v1:0'), [nova, claude])).toEqual([]);
    expect(relatedJudges(suite('amazon.nova-pro-v1:0'), [{ label: 'x', model: null }])).toEqual([]);
    const opaque = 'arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1b2c3';
    expect(relatedJudges(suite(opaque), [{ label: 'x', model: opaque }])).toEqual([]);
  });
});

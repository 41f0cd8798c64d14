import type { LockedModel, LockedProfile, ModelLock } from '../../../core/models/model-lock';

/** The day on which the tests live, and on which this lock file was read. */
export const TODAY = new Date('2026-11-30T09:00:00Z');

function model(facts: Partial<LockedModel> = {}): LockedModel {
  return { provider: 'Amazon', status: 'ACTIVE', start: '2024-12-03', onDemand: true, text: true, ...facts };
}

const CLAUDE = { provider: 'Anthropic', onDemand: false };
const US = ['us-east-1', 'us-east-2', 'us-west-2'];
const EU = ['eu-central-1', 'eu-west-1'];

function routes(modelId: string, regions: readonly string[], ...geographies: string[]): [string, LockedProfile][] {
  return geographies.map((geography) => [
    `${geography}.${modelId}`,
    { model: modelId, regions: geography === 'global' ? ['*'] : regions },
  ]);
}

const SONNET = 'anthropic.claude-sonnet-4-5-20250929-v1:0';
const HAIKU = 'anthropic.claude-haiku-4-5-20251001-v1:0';
export const APPLICATION_PROFILE = 'arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1b2c3d4e5f6';

/** Two Regions; real identifiers, dates that serve the tests. */
export const LOCK: ModelLock = {
  schema: 1,
  regions: {
    'us-east-1': {
      read: '2026-11-30',
      models: {
        'amazon.nova-micro-v1:0': model(),
        'amazon.nova-lite-v1:0': model(),
        'amazon.nova-pro-v1:0': model(),
        'amazon.nova-premier-v1:0': model({ onDemand: false }),
        'amazon.nova-2-lite-v1:0': model({ end: '2028-01-01' }),
        'amazon.titan-embed-text-v2:0': model({ text: false }),
        'anthropic.claude-v2:1': model({ ...CLAUDE, onDemand: true, status: 'LEGACY', end: '2025-07-21' }),
        'anthropic.claude-3-haiku-20240307-v1:0': model({
          ...{ ...CLAUDE, onDemand: true, status: 'LEGACY', legacy: '2026-06-01' },
          ...{ end: '2027-11-01', successor: HAIKU },
        }),
        'anthropic.claude-opus-4-20250514-v1:0': model({
          ...{ ...CLAUDE, status: 'LEGACY', legacy: '2026-04-14', extended: '2026-10-14', end: '2027-09-14' },
        }),
        'cohere.command-r-v1:0': model({ status: 'LEGACY', legacy: '2026-06-20', end: '2026-12-20' }),
        'deepseek.v3.2': model({ provider: 'DeepSeek' }),
        'meta.llama3-3-70b-instruct-v1:0': model({ provider: 'Meta', onDemand: false }),
        'mistral.mistral-large-2407-v1:0': model({ provider: 'Mistral' }),
        'openai.gpt-oss-120b-1:0': model({ provider: 'OpenAI' }),
        'qwen.qwen3-32b-v1:0': model({ provider: 'Qwen' }),
        [SONNET]: model(CLAUDE),
        [HAIKU]: model(CLAUDE),
      },
      profiles: Object.fromEntries([
        ...routes('amazon.nova-lite-v1:0', US, 'us'),
        ...routes('amazon.nova-pro-v1:0', US, 'us'),
        ...routes('amazon.nova-premier-v1:0', US, 'us'),
        ...routes('anthropic.claude-opus-4-20250514-v1:0', US, 'us'),
        ...routes('meta.llama3-3-70b-instruct-v1:0', US, 'us'),
        ...routes(SONNET, US, 'us', 'global'),
        ...routes(HAIKU, US, 'us', 'global'),
        [APPLICATION_PROFILE, { model: 'amazon.nova-pro-v1:0', regions: US }],
      ]),
    },
    'eu-west-1': {
      read: '2026-11-30',
      models: { 'amazon.nova-pro-v1:0': model({ onDemand: false }), [SONNET]: model(CLAUDE) },
      profiles: Object.fromEntries([...routes('amazon.nova-pro-v1:0', EU, 'eu'), ...routes(SONNET, EU, 'eu')]),
    },
  },
};

/** Models that nothing can be said against in us-east-1, account 111122223333. */
export const SOUND: readonly string[] = [
  'amazon.nova-micro-v1:0',
  'amazon.nova-lite-v1:0',
  'amazon.nova-pro-v1:0',
  'amazon.nova-2-lite-v1:0',
  'deepseek.v3.2',
  'mistral.mistral-large-2407-v1:0',
  'openai.gpt-oss-120b-1:0',
  'qwen.qwen3-32b-v1:0',
  'us.amazon.nova-lite-v1:0',
  'us.amazon.nova-pro-v1:0',
  'us.amazon.nova-premier-v1:0',
  'us.meta.llama3-3-70b-instruct-v1:0',
  `us.${SONNET}`,
  `global.${SONNET}`,
  `us.${HAIKU}`,
  `global.${HAIKU}`,
  'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0',
  'arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.amazon.nova-pro-v1:0',
  `arn:aws:bedrock:us-east-1:111122223333:inference-profile/global.${SONNET}`,
  APPLICATION_PROFILE,
];

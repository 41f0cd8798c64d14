import { afterEach, describe, expect, test, vi } from 'vitest';
import { contentDigest } from '../../core/content/content-digest';
import { logicalId } from '../../core/contract/names';
import { gateTerms } from '../../core/release/gate';
import type { Attributes } from '../../lambda/attributes';
import { physicalResourceId } from '../../lambda/physical-resource-id';
import { handlePromptReleasePlan } from '../../lambda/prompt-release-plan/handler';
import { responseBody } from '../../lambda/response-body';
import { event, variant } from './events';
import { type Properties, ReleaseWorld } from './release-world';
import { MemoryModels, MemoryProfiles, MemoryPrompts } from './stores';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html */
const LIMIT = 4_096;
const ACCOUNT = '123456789012';
const PROMPT_ARN = `arn:aws-us-gov:bedrock:us-gov-west-1:${ACCOUNT}:prompt/ABCDEFGHIJ`;
/** 48 characters, as long as the longest of Bedrock's; it routes to the ARN without a Region too, so that no slot is empty. */
const PROFILE = 'global.anthropic.claude-sonnet-4-5-20250929-v1:0';
const USUAL = { prefix: '/prompts/prod', prompt: 'financial-analysis', alias: 'PROD', stack: 'Prompts-prod' };
const LONGEST = {
  prefix: '/company/prompts/prod',
  prompt: 'p'.repeat(100),
  alias: 'A'.repeat(32),
  stack: 's'.repeat(128),
};

/** The body that the plan's function sends for an alias with so many slots, all of them taken. */
async function answer(
  slots: number,
  names = USUAL,
  more: Attributes = {},
  withdrawn = 'none',
): Promise<string | undefined> {
  const profile = {
    id: PROFILE,
    arn: `arn:aws-us-gov:bedrock:us-gov-west-1:${ACCOUNT}:inference-profile/${PROFILE}`,
    modelArns: [`arn:aws-us-gov:bedrock:::foundation-model/${PROFILE.slice('global.'.length)}`],
  };
  const world = new ReleaseWorld('every call', new MemoryPrompts(variant('draft')));
  world.prompts.highest = 99_990;
  for (let number = 1; number <= slots; number++) {
    const of = variant(`text ${number}`, { modelId: PROFILE });
    world.prompts.add(of, contentDigest(of));
  }
  world.profiles = new MemoryProfiles([profile]);
  const properties = {
    ...{ PromptName: names.prompt, PromptArn: PROMPT_ARN, AliasName: names.alias, CallableVersions: `${slots}` },
    ...{ Target: `${99_990 + slots}`, TargetParameter: 'P', WithdrawnVersions: withdrawn },
  };
  let before: Properties | undefined;
  for (let number = 1; number < slots; number++) {
    const plan = await world.plan(`${99_990 + number}`, 'none', undefined, names.alias);
    const released = {
      ...world.aliasProperties({ ...plan, PlannedAt: `${number}` }, names.alias),
      PromptName: names.prompt,
    };
    await world.alias(event('PromptAlias', before ? 'Update' : 'Create', released, before));
    before = released;
  }
  vi.stubEnv('PARAMETER_PREFIX', names.prefix);
  const sent = {
    ...event('PromptReleasePlan', 'Update', properties),
    StackId: `arn:aws-us-gov:cloudformation:us-gov-west-1:${ACCOUNT}:stack/${names.stack}/11111111-2222-4333-8444-555555555555`,
    RequestId: '11111111-2222-4333-8444-555555555555',
    LogicalResourceId: logicalId(names.prefix, names.prompt, names.alias, 'ReleasePlan'),
  };
  const { bucket: store, prompts, profiles, stack } = world;
  const clock = { now: () => Date.UTC(2026, 10, 29), sleep: async () => {} };
  const data = await handlePromptReleasePlan(sent, {
    ...{ store, prompts, profiles, stack, clock, registry: names.prefix, gates: '{}' },
    models: new MemoryModels(),
    alarms: world.alarms,
    log: () => {},
  });
  for (const slot of ['CallableArn', 'ProfileArn', 'ProfileModelArn', 'GlobalModelArn'])
    expect(data[`${slot}${slots}`], slot).not.toContain('/none');
  return responseBody({
    ...{ Status: 'SUCCESS', PhysicalResourceId: physicalResourceId(sent), StackId: sent.StackId },
    ...{ RequestId: sent.RequestId, LogicalResourceId: sent.LogicalResourceId, Data: { ...data, ...more } },
  });
}

/** What rollouts add to the answer with `Terms`: decisions only. Settings go from the template to the record's properties. */
const CONSENT = { Terms: gateTerms([]), Passage: 'agreed' };
const CANDIDATE = {
  ...{ Candidate: '99999', CandidateDigest: `pd1:${'f'.repeat(64)}`, CandidateModel: PROFILE, RolloutPlan: '99999999' },
};

afterEach(() => vi.unstubAllEnvs());

const size = (body: string | undefined) => (body === undefined ? LIMIT : Buffer.byteLength(body));

describe('what the plan answers, every slot taken by the longest of Bedrock’s profiles,', () => {
  test.each([
    [2, 2_002, 2_233],
    [3, 2_513, 2_744],
    [4, 3_024, 3_255],
    [5, 3_535, 3_766],
  ])('has room with %i slots: at most %i bytes today, %i with approvals and rollouts', async (slots, today, later) => {
    expect(size(await answer(slots, USUAL))).toBeLessThanOrEqual(today);
    expect(size(await answer(slots, USUAL, { ...CANDIDATE, ...CONSENT }))).toBeLessThanOrEqual(later);
    expect(size(await answer(slots, LONGEST, { ...CANDIDATE, ...CONSENT }))).toBeLessThan(LIMIT);
  });

  test('has room for 30 withdrawn versions besides, and none for the settings of a rollout', async () => {
    const withdrawn = Array.from({ length: 30 }, (_, index) => 10_000 + index).join(',');
    const all = { ...CANDIDATE, ...CONSENT };
    expect(size(await answer(5, LONGEST, all, withdrawn))).toBeLessThan(LIMIT);
    expect(await answer(5, LONGEST, { ...all, Rollout: 'r'.repeat(350) })).toBeUndefined();
  });
});

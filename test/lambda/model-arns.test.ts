import { describe, expect, test } from 'vitest';
import { guessedModelArns, modelArns } from '../../lambda/model-arns';
import { promptAddress } from '../../lambda/prompt-address';
import { PROMPT_ARN } from './events';
import { MemoryProfiles } from './stores';

const address = promptAddress(PROMPT_ARN);
const own = 'arn:aws:bedrock:us-east-1:123456789012';
const model = 'arn:aws:bedrock:us-east-1::foundation-model';
const everywhere = 'arn:aws:bedrock:*::foundation-model';
const application = `${own}:application-inference-profile/abcdefghijkl`;

function profiles() {
  return new MemoryProfiles([
    {
      id: 'us.amazon.nova-pro-v1:0',
      arn: `${own}:inference-profile/us.amazon.nova-pro-v1:0`,
      modelArns: [`${model}/amazon.nova-pro-v1:0`, 'arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-pro-v1:0'],
    },
    {
      id: 'global.amazon.nova-2-lite-v1:0',
      arn: `${own}:inference-profile/global.amazon.nova-2-lite-v1:0`,
      modelArns: [`${model}/amazon.nova-2-lite-v1:0`, 'arn:aws:bedrock:::foundation-model/amazon.nova-2-lite-v1:0'],
    },
    { id: 'abcdefghijkl', arn: application, modelArns: [`${model}/amazon.nova-micro-v1:0`] },
    { id: 'two.of.them', arn: `${own}:inference-profile/two.of.them`, modelArns: [`${model}/a.one`, `${model}/b.two`] },
  ]);
}

describe('the models behind a version', () => {
  test.each([
    [null, {}, 0],
    ['amazon.nova-pro-v1:0', { model: `${model}/amazon.nova-pro-v1:0` }, 0],
    [`${model}/amazon.nova-pro-v1:0`, { model: `${model}/amazon.nova-pro-v1:0` }, 0],
    [`${own}:provisioned-model/abc`, { model: `${own}:provisioned-model/abc` }, 0],
    ['deepseek.v3.2', { model: `${model}/deepseek.v3.2` }, 1],
    [
      'us.amazon.nova-pro-v1:0',
      {
        profile: `${own}:inference-profile/us.amazon.nova-pro-v1:0`,
        profileModel: `${everywhere}/amazon.nova-pro-v1:0`,
      },
      1,
    ],
    [
      'global.amazon.nova-2-lite-v1:0',
      {
        profile: `${own}:inference-profile/global.amazon.nova-2-lite-v1:0`,
        profileModel: `${everywhere}/amazon.nova-2-lite-v1:0`,
        globalModel: 'arn:aws:bedrock:::foundation-model/amazon.nova-2-lite-v1:0',
      },
      1,
    ],
    [application, { profile: application, profileModel: `${everywhere}/amazon.nova-micro-v1:0` }, 1],
    ['abcdefghijkl', { profile: application, profileModel: `${everywhere}/amazon.nova-micro-v1:0` }, 1],
  ])('%s', async (modelId, expected, calls) => {
    const asked = profiles();

    expect(await modelArns(modelId, address, asked)).toEqual(expected);
    expect(asked.asked).toHaveLength(calls);
  });

  test('of a profile that does not exist, or of several models, are one clear error', async () => {
    await expect(modelArns(`${own}:application-inference-profile/gone`, address, profiles())).rejects.toMatchObject({
      code: 'NoSuchInferenceProfile',
    });
    await expect(modelArns('two.of.them', address, profiles())).rejects.toMatchObject({ code: 'UnsupportedModel' });
  });

  test.each(['arn:aws:bedrock:*::foundation-model/*', 'amazon.*', 'a.b?', 'a.$b'])(
    'are refused as %s, which IAM would read as a pattern, and left out on the way back',
    async (id) => {
      await expect(modelArns(id, address, profiles())).rejects.toMatchObject({ code: 'UnsupportedModel' });
      expect(guessedModelArns(id, address)).toEqual({});
    },
  );

  test('can be told from the id alone on the way back', async () => {
    for (const id of ['us.amazon.nova-pro-v1:0', 'global.amazon.nova-2-lite-v1:0', 'amazon.nova-pro-v1:0']) {
      expect(guessedModelArns(id, address)).toEqual(await modelArns(id, address, profiles()));
    }
    expect(guessedModelArns(application, address)).toEqual({ profile: application });
  });
});

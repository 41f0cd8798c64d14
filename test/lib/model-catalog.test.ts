import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Annotations as AppAnnotations, CfnParameter, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { CfnPrompt } from 'aws-cdk-lib/aws-bedrock';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  formatModelLock,
  type LockedModel,
  type LockedRegion,
  type ModelLock,
  type ModelPrice,
} from '../../core/models/model-lock';
import { AliasTarget, Gate, ModelCatalog, Prompt, PromptDashboard, PromptRegistry, PromptVariant } from '../../lib';
import { APPLICATION_PROFILE, LOCK, SOUND, TODAY } from '../core/models/lock-of-tests';
import { newApp, stackIn, TEXT, templateOf } from './prompt-app';

const folder = mkdtempSync(join(tmpdir(), 'models-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Synthesis asks nobody: a test whose synthesis opens a socket fails. */
let connect: ReturnType<typeof vi.spyOn>;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: TODAY });
  connect = vi.spyOn(net.Socket.prototype, 'connect').mockImplementation(() => {
    throw new Error('no network');
  });
});
afterEach(() => {
  expect(connect).not.toHaveBeenCalled();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A prompt on Nova Pro whose PROD has a gate for models. */
function gated(among: string[], model: string | null = 'amazon.nova-pro-v1:0', models?: ModelCatalog): Stack {
  const stack = stackIn();
  const gates = { PROD: [Gate.model({ among })] };
  const registry = new PromptRegistry(stack, 'Registry', { gates, ...(models && { models }) });
  const { model: _, ...without } = TEXT;
  const variant = PromptVariant.text({ ...without, ...(model !== null && { model }) });
  const prompt = new Prompt(stack, 'Advisor', { registry, promptName: 'advisor', variant });
  prompt.addAlias('STAGING');
  prompt.addAlias('PROD', { target: AliasTarget.parameter() });
  return stack;
}

let files = 0;
function catalog(lock: ModelLock = LOCK): ModelCatalog {
  files += 1;
  const path = join(folder, `${files}.lock.json`);
  writeFileSync(path, formatModelLock(lock));
  return ModelCatalog.fromLockFile(path);
}

function promptOn(model: string, { stack = stackIn(), models = catalog() } = {}): Stack {
  const registry = new PromptRegistry(stack, 'Registry', { models });
  const variant = PromptVariant.text({ ...TEXT, model });
  new Prompt(stack, 'Advisor', { registry, promptName: 'advisor', variant });
  return stack;
}

/** Everything that synthesis says of a stack, one entry for each error and warning. */
function said(build: () => Stack): string[] {
  try {
    const stack = build();
    return Annotations.fromStack(stack)
      .findWarning('*', Match.anyValue())
      .map(({ id, entry }) => `${id}: ${entry.data}`);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return [`${code}: ${message}`];
  }
}

const FOUNDATION_MODEL = 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0';
const SONNET = 'anthropic.claude-sonnet-4-5-20250929-v1:0';
const OLD: ModelLock = {
  ...LOCK,
  regions: { 'us-east-1': { ...(LOCK.regions['us-east-1'] as never as object), read: '2026-10-01' } as never },
};

/** One error or one warning each: what it says, where, and how to mend it. */
const FAULTS: readonly (readonly [string, () => Stack, RegExp])[] = [
  [
    'typo',
    () => promptOn('amazon.nova-prp-v1:0'),
    /^NoSuchModel: Prompts\/Advisor: .*2026-11-30.*did you mean amazon\.nova-pro-v1:0\?/,
  ],
  [
    'absent',
    () => promptOn('acme.colossus-v9:0'),
    /^NoSuchModel: Prompts\/Advisor: .*found acme\.colossus-v9:0: correct it, or run prompt-registry models refresh/,
  ],
  [
    'profile only',
    () => promptOn(SONNET),
    /^ModelNeedsProfile: Prompts\/Advisor: .*set one of global\.anthropic\S+, us\.anthropic/,
  ],
  [
    'wrong geography',
    () => promptOn(`eu.${SONNET}`),
    /^ProfileNotHere: Prompts\/Advisor: .*set one of us-east-1: global\.anthropic\S+, us\.anthropic/,
  ],
  [
    'ended',
    () => promptOn('anthropic.claude-v2:1'),
    /^ModelEnded: Prompts\/Advisor: .*which ended on 2025-07-21: set another model/,
  ],
  [
    'ends in 20 days',
    () => promptOn('cohere.command-r-v1:0'),
    /^\/Prompts\/Advisor: .*ends on 2026-12-20, in 20 days.*set another model.*\[ack: cdk-prompt-registry:modelEnds\]/,
  ],
  [
    'LEGACY',
    () => promptOn('anthropic.claude-3-haiku-20240307-v1:0'),
    /^\/Prompts\/Advisor: .*LEGACY since 2026-06-01, ends on 2027-11-01.*successor is anthropic\.claude-haiku-4-5.*modelLegacy\]/,
  ],
  [
    'extended access',
    () => promptOn('us.anthropic.claude-opus-4-20250514-v1:0'),
    /^\/Prompts\/Advisor: .*extended access since 2026-10-14.*modelInExtendedAccess\]/,
  ],
  [
    'not among',
    () => gated(['us.amazon.nova-pro-v1:0']),
    /^\/Prompts\/Advisor\/PROD: .*us\.amazon\.nova-pro-v1:0, found amazon\.nova-pro-v1:0.*add it to among.*modelNotAmong\]/,
  ],
  [
    'old lock file',
    () => promptOn('amazon.nova-pro-v1:0', { models: catalog(OLD) }),
    /^\/Prompts\/Registry: .*read on 2026-10-01 for us-east-1, 60 days ago.*models refresh.*modelLockOld\]/,
  ],
  ['wildcard', () => promptOn('amazon.nova-*'), /^UnsupportedModel: Prompts\/Advisor: .*name one model/],
  [
    'embedding model',
    () => promptOn('amazon.titan-embed-text-v2:0'),
    /^UnsupportedModel: Prompts\/Advisor: .*answers with text/,
  ],
  [
    'token',
    () => {
      const stack = stackIn();
      return promptOn(new CfnParameter(stack, 'Model').valueAsString, { stack });
    },
    /^\/Prompts\/Registry: .*says nothing of the models of Prompts\/Advisor \(a value.*modelsNotJudged\]/,
  ],
  [
    "another account's ARN",
    () => promptOn(`arn:aws:bedrock:us-east-1:444455556666:inference-profile/us.${SONNET}`),
    /^ProfileNotHere: Prompts\/Advisor: .*account 111122223333, found .* of account 444455556666/,
  ],
];

/** Siblings of the same kinds. */
const SIBLINGS: typeof FAULTS = [
  ['prefix that no model has', () => promptOn('nova-pro'), /^NoSuchModel/],
  ['two letters swapped', () => promptOn('amazon.nvoa-pro-v1:0'), /did you mean amazon\.nova-pro/],
  ['other case', () => promptOn('Amazon.Nova-Pro-v1:0'), /did you mean amazon\.nova-pro/],
  [
    'profile only, by ARN',
    () => promptOn(`arn:aws:bedrock:us-east-1::foundation-model/${SONNET}`),
    /^ModelNeedsProfile/,
  ],
  ['a member of every object', () => promptOn('constructor'), /^NoSuchModel/],
  [
    "another Region's model",
    () => promptOn('arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-pro-v1:0'),
    /^NoSuchModel: .*of us-west-2/,
  ],
  [
    "another Region's profile",
    () => promptOn(`arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.${SONNET}`),
    /^ProfileNotHere/,
  ],
  [
    "another account's application profile",
    () => promptOn('arn:aws:bedrock:us-east-1:444455556666:application-inference-profile/zzzzzzzzzzzz'),
    /^ProfileNotHere/,
  ],
  [
    'an application profile that is not there',
    () => promptOn('arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/zzzzzzzzzzzz'),
    /^ProfileNotHere/,
  ],
  ['question mark', () => promptOn('amazon.nova-pro-v?:0'), /^UnsupportedModel/],
  [
    'provisioned throughput',
    () => promptOn('arn:aws:bedrock:us-east-1:111122223333:provisioned-model/abcdefghijkl'),
    /modelsNotJudged\]/,
  ],
  [
    'custom model',
    () => promptOn('arn:aws:bedrock:us-east-1:111122223333:custom-model/amazon.nova-pro-v1:0/abc'),
    /modelsNotJudged\]/,
  ],
  [
    'imported model',
    () => promptOn('arn:aws:bedrock:us-east-1:111122223333:imported-model/abcdefghijkl'),
    /modelsNotJudged\]/,
  ],
  [
    'a Region that was not read',
    () =>
      promptOn('amazon.nova-pro-v1:0', {
        stack: new Stack(newApp(), 'Prompts', { env: { account: '111122223333', region: 'ap-south-1' } }),
      }),
    /no Region ap-south-1; run prompt-registry models refresh --region ap-south-1.*modelsNotJudged\]/,
  ],
  [
    'no Region at all',
    () => promptOn('amazon.nova-pro-v1:0', { stack: new Stack(newApp(), 'Prompts') }),
    /set env.*modelsNotJudged\]/,
  ],
  [
    'no lock file',
    () => promptOn('amazon.nova-pro-v1:0', { models: ModelCatalog.fromLockFile('nowhere.json') }),
    /^InvalidModelLock: Prompts\/Registry: .*nowhere\.json.*models refresh/,
  ],
];

describe('the model of a prompt, by the lock file', () => {
  test.each([...FAULTS, ...SIBLINGS])('%s: one message with path and fix', (_, build, expected) => {
    const messages = said(build);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatch(expected);
  });

  test('nothing is said of 20 sound ones', () => {
    expect(SOUND).toHaveLength(20);
    const stack = stackIn();
    const registry = new PromptRegistry(stack, 'Registry', { models: catalog() });
    SOUND.forEach((model, index) => {
      const variant = PromptVariant.text({ ...TEXT, model });
      new Prompt(stack, `Prompt${index}`, { registry, promptName: `prompt-${index}`, variant });
    });
    expect(said(() => stack)).toEqual([]);
  });

  test('is not judged where the registry has no lock file, nor where the prompt has no model', () => {
    const stack = stackIn();
    const registry = new PromptRegistry(stack, 'Registry', { parameterPrefix: '/a' });
    const variant = PromptVariant.text({ ...TEXT, model: 'amazon.nova-prp-v1:0' });
    new Prompt(stack, 'Any', { registry, promptName: 'any', variant });
    const held = new PromptRegistry(stack, 'Held', { parameterPrefix: '/b', models: catalog() });
    const { model: _, ...without } = TEXT;
    new Prompt(stack, 'None', { registry: held, promptName: 'none', variant: PromptVariant.text(without) });
    expect(said(() => stack)).toEqual([]);
  });

  test('changes nothing of the template', () => {
    const template = (models?: ModelCatalog) => {
      const stack = stackIn();
      const registry = new PromptRegistry(stack, 'Registry', { ...(models && { models }) });
      new Prompt(stack, 'Advisor', { registry, promptName: 'advisor', variant: PromptVariant.text(TEXT) });
      return templateOf(stack);
    };
    expect(template(catalog())).toEqual(template());
  });

  test('is judged as it is deployed: overrides and adopted drafts count', () => {
    const stack = promptOn('amazon.nova-pro-v1:0');
    const draft = stack.node.findChild('Advisor').node.findChild('Resource') as CfnPrompt;
    draft.addPropertyOverride('Variants.0.ModelId', 'anthropic.claude-v2:1');
    expect(said(() => stack)).toEqual([expect.stringMatching(/^ModelEnded: Prompts\/Advisor/)]);

    const other = stackIn();
    const registry = new PromptRegistry(other, 'Registry', { models: catalog() });
    const templateConfiguration = { text: { text: 'Hello' } };
    const variants = [{ name: 'v', templateType: 'TEXT', modelId: 'amazon.nova-prp-v1:0', templateConfiguration }];
    const source = new CfnPrompt(other, 'Source', { name: 'old', defaultVariant: 'v', variants });
    Prompt.fromPromptRef(other, 'Old', source, { registry, publishDraft: true });
    expect(said(() => other)).toEqual([expect.stringMatching(/^NoSuchModel: Prompts\/Old/)]);
  });

  test('is judged in a registry of another app by the file that this app names', () => {
    const stack = stackIn();
    const registry = PromptRegistry.fromAttributes(stack, 'Registry', {
      ...{ parameterPrefix: '/prompts', publisherRoleName: 'p', releaserRoleName: 'r', models: catalog() },
      handlers: { version: 'arn:v', plan: 'arn:p', alias: 'arn:a' },
    });
    const variant = PromptVariant.text({ ...TEXT, model: 'amazon.nova-prp-v1:0' });
    expect(said(() => new Prompt(stack, 'Advisor', { registry, promptName: 'advisor', variant }).stack)).toEqual([
      expect.stringMatching(/^NoSuchModel/),
    ]);
  });

  test('may be what a gate names, by its id, its ARN, or the model that an application profile leads to', () => {
    expect(said(() => gated(['amazon.nova-pro-v1:0']))).toEqual([]);
    expect(said(() => gated(['amazon.nova-pro-v1:0'], FOUNDATION_MODEL))).toEqual([]);
    expect(said(() => gated(['amazon.nova-pro-v1:0'], APPLICATION_PROFILE, catalog()))).toEqual([]);
    expect(said(() => gated(['amazon.nova-pro-v1:0'], 'us.amazon.nova-pro-v1:0'))).toHaveLength(1);
  });

  test('is missed where a gate names models and the content has none, which it lets through', () => {
    expect(said(() => gated(['amazon.nova-pro-v1:0'], null))).toEqual([
      expect.stringMatching(
        /^\/Prompts\/Advisor\/PROD: .*amazon\.nova-pro-v1:0, found a content without one.*amongWithoutModel\]/,
      ),
    ]);
    // Another app's prompt has what that app says.
    const stack = stackIn();
    const gates = { PROD: [Gate.model({ among: ['amazon.nova-pro-v1:0'] })] };
    const registry = new PromptRegistry(stack, 'Registry', { gates });
    const arn = 'arn:aws:bedrock:us-east-1:111122223333:prompt/ABCDEFGHIJ';
    const adopted = Prompt.fromPromptRef(stack, 'Old', { promptRef: { promptArn: arn } } as never, {
      registry,
      promptName: 'old',
    });
    adopted.addAlias('PROD', { target: AliasTarget.parameter() });
    expect(said(() => stack)).toEqual([]);
  });

  test('draws a warning that can be acknowledged', () => {
    const stack = promptOn('anthropic.claude-3-haiku-20240307-v1:0');
    AppAnnotations.of(stack).acknowledgeWarning('cdk-prompt-registry:modelLegacy');
    expect(said(() => stack)).toEqual([]);
  });

  test('that nothing is known of is said once for all prompts', () => {
    const stack = stackIn();
    const registry = new PromptRegistry(stack, 'Registry', { models: catalog() });
    for (const name of ['one', 'two']) {
      const model = `arn:aws:bedrock:us-east-1:111122223333:provisioned-model/${name}`;
      new Prompt(stack, name, { registry, promptName: name, variant: PromptVariant.text({ ...TEXT, model }) });
    }
    const [only, ...more] = said(() => stack);
    expect(more).toEqual([]);
    expect(only).toMatch(/Prompts\/one \(.*Prompts\/two \(/);
  });

  test('old prices draw one warning', () => {
    const price = { in: 1, out: 2, asOf: '2026-08-01' };
    expect(said(() => promptOn('amazon.nova-pro-v1:0', { models: catalog(withPrice(price)) }))).toEqual([
      expect.stringMatching(
        /^\/Prompts\/Registry: .*older than 90 days: amazon\.nova-pro-v1:0 of 2026-08-01.*modelPriceOld\]/,
      ),
    ]);
  });
});

function withPrice(price: ModelPrice): ModelLock {
  const region = LOCK.regions['us-east-1'] as LockedRegion;
  const model = { ...(region.models['amazon.nova-pro-v1:0'] as LockedModel), price };
  const models = { ...region.models, 'amazon.nova-pro-v1:0': model };
  return { ...LOCK, regions: { 'us-east-1': { ...region, models } } };
}

describe('prices in the lock file', () => {
  const price = { in: 0.8, out: 3.2, asOf: '2026-11-01' };

  function appWith(models?: ModelCatalog) {
    const stack = stackIn();
    const registry = new PromptRegistry(stack, 'Registry', { ...(models && { models }) });
    const prompt = new Prompt(stack, 'Advisor', { registry, promptName: 'advisor', variant: PromptVariant.text(TEXT) });
    const aliases = [prompt.addAlias('PROD'), prompt.addAlias('STAGING')];
    return { stack, aliases };
  }

  test('reach functions and containers that are granted an alias, and the dashboard', () => {
    const { stack, aliases } = appWith(catalog(withPrice(price)));
    const code = Code.fromInline('x');
    const fn = new LambdaFunction(stack, 'Fn', { code, handler: 'index.handler', runtime: Runtime.NODEJS_24_X });
    for (const { grants } of aliases) grants.invoke(fn);
    new PromptDashboard(stack, 'Dashboard', { aliases });
    const template = templateOf(stack);
    const json = aliases[0]?.clientEnvironment.PROMPT_REGISTRY_PRICES as string;
    expect(JSON.parse(json)).toMatchObject({ 'amazon.nova-pro-v1:0': price, [APPLICATION_PROFILE]: price });
    const functions = Object.values(template.Resources).map(({ Properties }) => Properties?.Environment?.Variables);
    expect(functions.filter((one) => one?.PROMPT_REGISTRY_PRICES === json)).toHaveLength(1);
    const text = JSON.stringify(template);
    expect(text).toContain('Cost, estimated (US dollars, prices of 2026-11-01)');
    expect(said(() => stack)).toEqual([]);
  });

  test('are nowhere where there are none', () => {
    const { stack, aliases } = appWith(catalog());
    new PromptDashboard(stack, 'Dashboard', { aliases });
    expect(JSON.stringify(templateOf(stack))).not.toContain('Cost');
    expect(aliases[0]?.clientEnvironment).not.toHaveProperty('PROMPT_REGISTRY_PRICES');
  });

  test('that an environment has no room for are left out, with a warning', () => {
    const region = LOCK.regions['us-east-1'] as LockedRegion;
    const models = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`acme.m${index}`, { status: 'ACTIVE', price } as const]),
    );
    const lock = { ...LOCK, regions: { 'us-east-1': { ...region, models: { ...region.models, ...models } } } };
    const { stack, aliases } = appWith(catalog(lock));
    expect(aliases[0]?.clientEnvironment).not.toHaveProperty('PROMPT_REGISTRY_PRICES');
    expect(said(() => stack)).toEqual([expect.stringMatching(/pricesTooLong\]/)]);
  });
});

import {
  type BedrockAgentClient,
  GetPromptCommand,
  type GetPromptCommandOutput,
  ListTagsForResourceCommand,
  UpdatePromptCommand,
} from '@aws-sdk/client-bedrock-agent';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import {
  Aws,
  CfnCondition,
  CfnDynamicReference,
  CfnDynamicReferenceService,
  CfnParameter,
  Duration,
  Fn,
  type Stack,
  Tags,
} from 'aws-cdk-lib';
import { CfnPrompt } from 'aws-cdk-lib/aws-bedrock';
import { CfnParameter as SsmParameter } from 'aws-cdk-lib/aws-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ChatPromptVariantOptions,
  Prompt,
  PromptMessage,
  PromptRegistry,
  PromptTool,
  PromptVariant,
} from '../../lib';
import { RegistryBench } from './registry-bench';

const NAMES = { stack: 'Typed', parameterPrefix: '/prompts/typed', promptName: 'typed' };
/** Each deployment starts processes for the handlers; how long that takes is up to the machine. */
const PATIENCE = 300_000;
const SCHEMA = {
  type: 'object',
  properties: { question: { type: 'string', minLength: 1, maxLength: 300, default: '300', title: 'Fräge 😀' } },
  additionalProperties: false,
};
const FIELDS = {
  ...{ top_k: 5, thinking: { enabled: true, share: 0.1 }, large: 1e21, small: 1.5e-7, negative: -1.25 },
  ...{ list: [1, '1', []], empty: '', none: {}, Condition: { on: 1 }, also: [{ Condition: 'x', $ref: '#/a' }] },
  // biome-ignore lint/suspicious/noTemplateCurlyInString: placeholders that CloudFormation leaves alone
  placeholders: ['${AWS::Region}', '${name}', '質問\u2028\t'],
};

const variant = (
  text: string,
  maxLength: number = SCHEMA.properties.question.maxLength,
  options: Partial<ChatPromptVariantOptions> = {},
) => {
  const { question } = SCHEMA.properties;
  const inputSchema = { ...SCHEMA, properties: { question: { ...question, maxLength } } };
  return PromptVariant.chat({
    messages: [PromptMessage.user(text)],
    tools: [PromptTool.function({ name: 'ask', inputSchema })],
    additionalModelRequestFields: FIELDS,
    metadata: { team: 'desk 7' },
    ...options,
  });
};

const registryIn = (stack: Stack) =>
  new PromptRegistry(stack, 'Registry', {
    parameterPrefix: NAMES.parameterPrefix,
    policyPropagation: Duration.seconds(0),
  });

/** With a parameter of a name that cannot be, which fails after the alias moved. */
const build =
  (text: string, options: { note?: string; fails?: boolean } = {}) =>
  (stack: Stack) => {
    Tags.of(stack).add('cost-centre', '42');
    const prompt = new Prompt(stack, 'Typed', {
      registry: registryIn(stack),
      promptName: NAMES.promptName,
      description: 'Asks',
      versionNote: options.note,
      variant: variant(text),
    });
    const alias = prompt.addAlias('PROD');
    if (options.fails) {
      new SsmParameter(stack, 'Fails', { type: 'String', name: 'aws/no', value: 'x' }).node.addDependency(alias);
    }
  };

const isHandler = (principalArn: string) => principalArn.includes(':assumed-role/');

const schemaOf = ({ variants }: GetPromptCommandOutput) =>
  variants?.[0]?.templateConfiguration?.chat?.toolConfiguration?.tools?.[0]?.toolSpec?.inputSchema?.json;

describe.each(['as-texts', 'kept'] as const)(
  'free JSON that CloudFormation hands on %s',
  { timeout: PATIENCE },
  (freeJson) => {
    let bench: RegistryBench;
    let bedrock: BedrockAgentClient;
    beforeAll(async () => {
      bench = await RegistryBench.start(NAMES, { cloudFormation: { freeJson } });
      bedrock = bench.operator.bedrock;
    });
    afterAll(() => bench.aws.stop());

    const deploy = async (make: (stack: Stack) => void, parameters = {}) =>
      bench.deploy(await bench.synthesize(make), parameters);
    const read = async (promptVersion?: string) =>
      bedrock.send(new GetPromptCommand({ promptIdentifier: await bench.promptArn(), promptVersion }));
    /** How often the publisher wrote the draft. */
    const written = () =>
      bench.aws.calls.filter(({ operation, principalArn }) => operation === 'UpdatePrompt' && isHandler(principalArn))
        .length;

    it('is published with its types, and the draft keeps all the rest', async () => {
      expect(await deploy(build('Go'))).toEqual({ status: 'CREATE_COMPLETE', failures: [] });

      for (const found of [await read('1'), await read()]) {
        expect(schemaOf(found)).toEqual(SCHEMA);
        expect(found.variants?.[0]).toMatchObject({
          name: 'default',
          additionalModelRequestFields: FIELDS,
          metadata: [{ key: 'team', value: 'desk 7' }],
        });
        expect(found).toMatchObject({ name: 'typed', defaultVariant: 'default' });
      }
      expect((await read()).description).toBe('Asks');
      const { tags } = await bedrock.send(new ListTagsForResourceCommand({ resourceArn: await bench.promptArn() }));
      expect(tags).toEqual({ 'cost-centre': '42' });
      expect(written()).toBe(freeJson === 'kept' ? 0 : 1);
    });

    it('has one version for one content: a revert publishes nothing', async () => {
      expect((await deploy(build('Stop'))).status).toBe('UPDATE_COMPLETE');
      expect((await deploy(build('Go'))).status).toBe('UPDATE_COMPLETE');
      expect(await bench.versions()).toEqual([1, 2]);
      expect((await bench.pointers()).PROD).toBe('1');
    });

    it('goes back with a deployment that fails, and the next one publishes', async () => {
      const before = await bench.standing();
      expect((await deploy(build('Wait', { fails: true }))).status).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect((await bench.standing()).pointers).toEqual(before.pointers);
      expect((await read()).variants?.[0]?.templateConfiguration?.chat?.messages?.[0]?.content).toEqual([
        { text: 'Go' },
      ]);

      expect((await deploy(build('Walk'))).status).toBe('UPDATE_COMPLETE');
      expect(schemaOf(await read((await bench.pointers()).PROD))).toEqual(SCHEMA);
    });

    it('is told from an edit, which is refused and not overwritten', async () => {
      const edit = async () => {
        const { id, name, variants = [], defaultVariant } = await read();
        const edited = variants.map((one) => ({ ...one, additionalModelRequestFields: { ...FIELDS, top_k: 6 } }));
        await bedrock.send(new UpdatePromptCommand({ promptIdentifier: id, name, defaultVariant, variants: edited }));
      };
      // Between CloudFormation's write of the draft and the publisher's first look at it.
      let isEdited = false;
      bench.aws.interceptors.push(async ({ operation, principalArn, input }) => {
        if (isEdited || operation !== 'GetPrompt' || !isHandler(principalArn) || input.promptVersion !== undefined)
          return;
        isEdited = true;
        await edit();
      });
      const before = await bench.standing();
      const writes = written();
      const { status, failures } = await deploy(build('Edited'));

      expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(failures.join()).toContain('DraftChanged');
      expect(written()).toBe(writes);
      expect((await bench.standing()).pointers).toEqual(before.pointers);
    });

    it('is published where only the deployment knows a number, a text, and whether there is a model', async () => {
      const withToken = (stack: Stack) => {
        Tags.of(stack).add('cost-centre', '42');
        const maxLength = new CfnParameter(stack, 'MaxLength', { type: 'Number' }).valueAsNumber;
        const reference = new CfnDynamicReference(CfnDynamicReferenceService.SSM, '/tier').toString();
        const elsewhere = new CfnCondition(stack, 'Elsewhere', { expression: Fn.conditionEquals(Aws.REGION, 'x') });
        const model = Fn.conditionIf(elsewhere.logicalId, 'amazon.nova-pro-v1:0', Aws.NO_VALUE).toString();
        new Prompt(stack, 'Typed', {
          registry: registryIn(stack),
          promptName: NAMES.promptName,
          variant: variant('Sized', maxLength, { model, additionalModelRequestFields: { ...FIELDS, reference } }),
        }).addAlias('PROD');
      };
      await bench.operator.ssm.send(new PutParameterCommand({ Name: '/tier', Type: 'String', Value: '7' }));
      expect(await deploy(withToken, { MaxLength: '301' })).toEqual({ status: 'UPDATE_COMPLETE', failures: [] });
      const { question } = SCHEMA.properties;
      const found = await read((await bench.pointers()).PROD);
      expect(schemaOf(found)).toEqual({ ...SCHEMA, properties: { question: { ...question, maxLength: 301 } } });
      expect(found.variants?.[0]?.modelId).toBeUndefined();
      expect(found.variants?.[0]?.additionalModelRequestFields).toEqual({ ...FIELDS, reference: '7' });
    });
  },
);

it("of an adopted prompt is its owner's to set right, and the error says so", { timeout: PATIENCE }, async () => {
  const bench = await RegistryBench.start(NAMES, { cloudFormation: { freeJson: 'as-texts' } });
  const template = await bench.synthesize((stack) => {
    const draft = new CfnPrompt(stack, 'Owned', {
      name: 'owned',
      variants: [
        {
          name: 'a',
          templateType: 'TEXT',
          templateConfiguration: { text: { text: 'Go' } },
          additionalModelRequestFields: { top_k: 5 },
        },
      ],
    });
    Prompt.fromPromptRef(stack, 'Adopted', draft, { registry: registryIn(stack), publishDraft: true }).addAlias('PROD');
  });
  expect(template).not.toContain('bedrock:UpdatePrompt');
  const { failures } = await bench.deploy(template);
  expect(failures.join()).toMatch(
    /DraftChanged.*or CloudFormation handed numbers or booleans in its free JSON on as texts/,
  );
  await bench.aws.stop();
});

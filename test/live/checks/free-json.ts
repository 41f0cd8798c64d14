import {
  CreatePromptVersionCommand,
  GetPromptCommand,
  type PromptVariant,
  UpdatePromptCommand,
} from '@aws-sdk/client-bedrock-agent';
import {
  CreateStackCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { DISPOSABLE_TAG } from '../../../bin/disposable';
import { variantFromCloudFormation } from '../../../core/content/cloudformation-variant';
import { contentDigest } from '../../../core/content/content-digest';
import { freeJsonOf, sameButForTypes, withFreeJson } from '../../../core/content/free-json';
import { withPlainNumbers } from '../../../core/content/plain-numbers';
import { type Answers, type LiveCheck, problem } from '../check';
import type { Stage } from '../stage';

const ADR = 'docs/adr/0012-types-set-right-in-the-draft.md';
const SCHEMA = {
  type: 'object',
  properties: { question: { type: 'string', maxLength: 300, default: '', title: 'Frage: für 質問 😀' } },
  required: [],
  additionalProperties: false,
};
const FIELDS = { whole: 5, share: 0.1, large: 1e21, small: 1.5e-7, negative: -1, on: true, text: '5', nothing: {} };

/** Before all others: whether a prompt with a tool can be published at all hangs on it. */
export const freeJson: LiveCheck = {
  number: 0,
  title: 'What CloudFormation makes of the free JSON of a prompt',
  makes: ['one stack with one prompt with one version'],
  needsRegistry: false,
  questions: [
    {
      id: 'types',
      asks: 'Do numbers and booleans in a tool schema and in additionalModelRequestFields reach Bedrock as such?',
      assumed: 'as such, or as texts of the same value, which the publisher sets right; nothing else changes',
      concerns: ADR,
      otherwise: 'no prompt with such free JSON can be published: DraftChanged',
    },
    {
      id: 'repair',
      asks: 'Does an UpdatePrompt with the declared types stay, in the draft and in a version of it?',
      assumed: 'yes, both read back with the content digest of what was declared',
      concerns: ADR,
      otherwise: 'as above, where CloudFormation makes texts',
    },
    {
      id: 'null',
      asks: 'What does CloudFormation answer to null in free JSON?',
      assumed: 'ValidationError, for the whole template',
      concerns: 'docs/prompt-values.md',
      otherwise: 'the registry refuses at synth what could be deployed',
    },
  ],

  async run(stage: Stage, answers: Answers) {
    const { bedrock, cloudFormation } = stage.account.clients;
    const StackName = stage.names.typesStack;
    const variant = declared(stage.settings.model, SCHEMA);
    const wanted = variantFromCloudFormation(variant);
    stage.say(`creates ${StackName}`);
    await cloudFormation.send(
      new CreateStackCommand({
        StackName,
        TemplateBody: template(stage, variant),
        Tags: [{ Key: DISPOSABLE_TAG, Value: stage.names.id }],
      }),
    );
    const status = await settled(stage, StackName);
    if (status !== 'CREATE_COMPLETE') throw new Error(`expected CREATE_COMPLETE of ${StackName}, found ${status}`);
    const { StackResources = [] } = await cloudFormation.send(new DescribeStackResourcesCommand({ StackName }));
    const promptIdentifier = StackResources[0]?.PhysicalResourceId?.split('/').pop();

    const draft = await bedrock.send(new GetPromptCommand({ promptIdentifier }));
    const made = withPlainNumbers(draft.variants?.[0]);
    const changed = withFreeJson(made, freeJsonOf(wanted));
    const isPublishable =
      sameButForTypes(freeJsonOf(made), freeJsonOf(wanted)) && contentDigest(changed) === contentDigest(wanted);
    const isKept = isPublishable && contentDigest(made) === contentDigest(wanted);
    answers.give(
      'types',
      isPublishable ? 'holds' : 'differs',
      isKept ? 'as such' : `${isPublishable ? 'as texts' : 'otherwise'}: ${JSON.stringify(freeJsonOf(made))}`,
    );

    const { name, description, defaultVariant } = draft;
    const variants = [{ ...wanted, name: 'default' } as PromptVariant];
    await bedrock.send(new UpdatePromptCommand({ promptIdentifier, name, description, defaultVariant, variants }));
    const { version } = await bedrock.send(new CreatePromptVersionCommand({ promptIdentifier }));
    const digests = await Promise.all(
      [undefined, version].map(async (promptVersion) => {
        const found = await bedrock.send(new GetPromptCommand({ promptIdentifier, promptVersion }));
        return contentDigest(withPlainNumbers(found.variants?.[0]));
      }),
    );
    const areWanted = digests.every((digest) => digest === contentDigest(wanted));
    answers.give('repair', areWanted ? 'holds' : 'differs', `draft ${digests[0]}`, `version ${digests[1]}`);

    const withNull = template(stage, declared(stage.settings.model, { ...SCHEMA, default: null }));
    try {
      await cloudFormation.send(new UpdateStackCommand({ StackName, TemplateBody: withNull }));
      answers.give('null', 'differs', `accepted: ${await settled(stage, StackName)}`);
    } catch (error) {
      answers.give('null', (error as Error).name === 'ValidationError' ? 'holds' : 'could not tell', problem(error));
    }
  },
};

function declared(ModelId: string, Json: object) {
  return {
    Name: 'default',
    TemplateType: 'CHAT',
    TemplateConfiguration: {
      Chat: {
        Messages: [{ Role: 'user', Content: [{ Text: 'Answer with one word.' }] }],
        ToolConfiguration: { Tools: [{ ToolSpec: { Name: 'ask', InputSchema: { Json } } }] },
      },
    },
    ModelId,
    AdditionalModelRequestFields: FIELDS,
  };
}

function template({ names }: Stage, variant: object): string {
  const Properties = { Name: names.prompt('types'), DefaultVariant: 'default', Variants: [variant] };
  return JSON.stringify({ Resources: { Prompt: { Type: 'AWS::Bedrock::Prompt', Properties } } });
}

async function settled(stage: Stage, StackName: string): Promise<string> {
  for (;;) {
    const { Stacks = [] } = await stage.account.clients.cloudFormation.send(new DescribeStacksCommand({ StackName }));
    const status = Stacks[0]?.StackStatus ?? '';
    if (!status.endsWith('_IN_PROGRESS')) return status;
    await stage.pause(1_000);
  }
}

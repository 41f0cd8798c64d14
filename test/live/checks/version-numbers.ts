import { randomUUID } from 'node:crypto';
import {
  CreatePromptCommand,
  CreatePromptVersionCommand,
  DeletePromptCommand,
  paginateListPrompts,
  UpdatePromptCommand,
} from '@aws-sdk/client-bedrock-agent';
import { type Answers, type LiveCheck, problem } from '../check';
import type { Stage } from '../stage';
import { minimalPrompt } from './duplicate-name';

/** https://docs.aws.amazon.com/general/latest/gr/bedrock.html#limits_bedrock */
const VERSIONS_PER_PROMPT = 10;

export const versionNumbers: LiveCheck = {
  number: 5,
  title: 'Client tokens, numbers of versions, and the limit of ten',
  makes: [`one prompt with up to ${VERSIONS_PER_PROMPT + 1} versions`],
  needsRegistry: false,
  questions: [
    {
      id: 'token',
      asks: 'What does CreatePromptVersion answer to a client token for the second time?',
      assumed: 'the version that it made the first time',
      concerns: 'docs/adr/0001-versions-by-a-custom-resource.md',
      otherwise: 'an event that is delivered twice makes two versions of one content: a slot of ten is wasted',
    },
    {
      id: 'limit',
      asks: 'Which error does the eleventh version of a prompt get?',
      assumed: 'ServiceQuotaExceededException (402)',
      concerns: 'docs/adr/0001-versions-by-a-custom-resource.md, making room',
      otherwise: 'with a higher limit versions are deleted earlier than need be; with another error nothing changes',
    },
    {
      id: 'number',
      asks: 'Is the number of a deleted version given again?',
      assumed: 'never',
      concerns: 'docs/adr/0008-stack-parameters.md',
      otherwise:
        'a number in a pipeline or in an old record can come to mean new content; the digest in the record shows it',
    },
  ],

  async run(stage: Stage, answers: Answers) {
    const { bedrock } = stage.account.clients;
    const prompt = minimalPrompt(stage, 'numbers');
    const { id = '' } = await bedrock.send(new CreatePromptCommand(prompt));
    const publish = async (text: string, clientToken = randomUUID()) => {
      const { name, defaultVariant, variants } = minimalPrompt(stage, 'numbers', text);
      await bedrock.send(new UpdatePromptCommand({ promptIdentifier: id, name, defaultVariant, variants }));
      const made = await bedrock.send(new CreatePromptVersionCommand({ promptIdentifier: id, clientToken }));
      return Number(made.version);
    };
    const listed = async () => {
      const versions: string[] = [];
      for await (const page of paginateListPrompts({ client: bedrock }, { promptIdentifier: id })) {
        versions.push(...(page.promptSummaries ?? []).map(({ version = '' }) => version));
      }
      return versions;
    };

    const token = randomUUID();
    const first = await publish('Text 1.', token);
    const second = await bedrock
      .send(new CreatePromptVersionCommand({ promptIdentifier: id, clientToken: token }))
      .then(
        ({ version }) => `version ${version}`,
        (error: unknown) => problem(error),
      );
    const numbers = (await listed()).filter((version) => version !== 'DRAFT');
    answers.give(
      'token',
      second === `version ${first}` && numbers.length <= 1 ? 'holds' : 'differs',
      `first version ${first}, then ${second}; ListPrompts shows ${(await listed()).join(', ')}`,
    );
    answers.facts.push(
      `ListPrompts of one prompt ${(await listed()).includes('DRAFT') ? 'shows' : 'does not show'} the draft`,
    );

    let highest = first;
    for (let count = numbers.length; count < VERSIONS_PER_PROMPT; count++)
      highest = await publish(`Text ${count + 1}.`);
    try {
      highest = await publish('One too many.');
      answers.give('limit', 'differs', `version ${highest} was made`);
    } catch (error) {
      const isQuota = (error as Error).name === 'ServiceQuotaExceededException';
      const { httpStatusCode } = (error as { $metadata?: { httpStatusCode?: number } }).$metadata ?? {};
      answers.give('limit', isQuota ? 'holds' : 'differs', `${problem(error)} (HTTP ${httpStatusCode})`);
    }

    await bedrock.send(new DeletePromptCommand({ promptIdentifier: id, promptVersion: String(highest) }));
    const next = await publish('After a deletion.');
    answers.give(
      'number',
      next > highest ? 'holds' : 'differs',
      `version ${highest} was deleted, the next one is ${next}`,
    );
  },
};

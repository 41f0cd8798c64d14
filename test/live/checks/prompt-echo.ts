import {
  CreatePromptCommand,
  CreatePromptVersionCommand,
  GetPromptCommand,
  type GetPromptCommandOutput,
  type PromptVariant,
  UpdatePromptCommand,
} from '@aws-sdk/client-bedrock-agent';
import { contentDigest } from '../../../core/content/content-digest';
import { type Answers, type LiveCheck, problem } from '../check';
import type { Stage } from '../stage';
import { minimalPrompt } from './duplicate-name';

const INFERENCE = { temperature: 0.2, topP: 0.9, maxTokens: 10, stopSequences: [] };

export const promptEcho: LiveCheck = {
  number: 4,
  title: 'What GetPrompt answers of a prompt that was just written',
  makes: ['one prompt with one version'],
  needsRegistry: false,
  questions: [
    {
      id: 'floats',
      asks: 'How do temperature 0.2 and topP 0.9 come back?',
      assumed: 'as written, or as the 32-bit float next to it',
      concerns: 'docs/adr/0001-versions-by-a-custom-resource.md',
      otherwise: 'every publication of a prompt with such a setting fails with DraftChanged',
    },
    {
      id: 'empty',
      asks: 'How do an empty list of stop sequences, of variables, and a description that was left out come back?',
      assumed: 'absent or empty',
      concerns: 'docs/adr/0001-versions-by-a-custom-resource.md',
      otherwise: 'every publication of such a prompt fails with DraftChanged',
    },
    {
      id: 'digest',
      asks: 'Is the content digest of draft and version that of what was written?',
      assumed: 'yes, and no field comes back that the digest does not know',
      concerns: 'docs/adr/0001-versions-by-a-custom-resource.md',
      otherwise: 'nothing can be published',
    },
    {
      id: 'fresh',
      asks: 'Does GetPrompt show an update as soon as UpdatePrompt has answered?',
      assumed: 'yes, or within six seconds, for which the publisher waits',
      concerns: 'docs/adr/0001-versions-by-a-custom-resource.md',
      otherwise: 'deployments fail with DraftChanged now and then; the next one passes',
    },
  ],

  async run(stage: Stage, answers: Answers) {
    const { bedrock } = stage.account.clients;
    const prompt = minimalPrompt(stage, 'echo');
    const written = variant('Answer with one word.');
    const { id } = await bedrock.send(new CreatePromptCommand({ ...prompt, variants: [written] }));
    const draft = await bedrock.send(new GetPromptCommand({ promptIdentifier: id }));
    answerFloats(draft, answers);
    answerEmpty(draft, answers);

    const { version } = await bedrock.send(new CreatePromptVersionCommand({ promptIdentifier: id }));
    const published = await bedrock.send(new GetPromptCommand({ promptIdentifier: id, promptVersion: version }));
    const wanted = contentDigest(written);
    const digests = [draft, published].map(digestOf);
    answers.give(
      'digest',
      digests.every((digest) => digest === wanted) ? 'holds' : 'differs',
      ...[`written ${wanted}`, `draft ${digests[0]}`, `version ${digests[1]}`],
    );

    const changed = variant('Answer with two words.');
    const update = { promptIdentifier: id, name: prompt.name, defaultVariant: 'default', variants: [changed] };
    await bedrock.send(new UpdatePromptCommand(update));
    const started = Date.now();
    for (const pause of [0, 1_000, 2_000, 3_000, 10_000]) {
      await stage.pause(pause);
      const seconds = (Date.now() - started) / 1000;
      if (digestOf(await bedrock.send(new GetPromptCommand({ promptIdentifier: id }))) === contentDigest(changed)) {
        const when = pause === 0 ? 'the first read shows it' : `shown after ${seconds.toFixed(1)} s`;
        answers.give('fresh', seconds <= 6.5 ? 'holds' : 'differs', when);
        return;
      }
    }
    answers.give('fresh', 'differs', 'not shown after 16 s');
  },
};

function variant(text: string): PromptVariant {
  return {
    name: 'default',
    templateType: 'TEXT',
    templateConfiguration: { text: { text, inputVariables: [] } },
    inferenceConfiguration: { text: INFERENCE },
  };
}

function digestOf({ variants }: GetPromptCommandOutput): string {
  try {
    return contentDigest(variants?.[0]);
  } catch (error) {
    return problem(error);
  }
}

function answerFloats({ variants }: GetPromptCommandOutput, answers: Answers): void {
  const { temperature, topP } = variants?.[0]?.inferenceConfiguration?.text ?? {};
  const isNear = (found: number | undefined, sent: number) =>
    found !== undefined && Math.fround(found) === Math.fround(sent);
  const holds = isNear(temperature, INFERENCE.temperature) && isNear(topP, INFERENCE.topP);
  answers.give('floats', holds ? 'holds' : 'differs', `temperature ${temperature}, topP ${topP}`);
}

function answerEmpty({ variants, description }: GetPromptCommandOutput, answers: Answers): void {
  const [found] = variants ?? [];
  const stopSequences = found?.inferenceConfiguration?.text?.stopSequences;
  const inputVariables = found?.templateConfiguration?.text?.inputVariables;
  const holds = !stopSequences?.length && !inputVariables?.length && !description;
  const shown = (value: unknown) => (value === undefined ? 'absent' : JSON.stringify(value));
  answers.give(
    'empty',
    holds ? 'holds' : 'differs',
    `stopSequences ${shown(stopSequences)}, inputVariables ${shown(inputVariables)}, description ${shown(description)}`,
  );
}

import { CreatePromptCommand, type CreatePromptCommandInput } from '@aws-sdk/client-bedrock-agent';
import { DISPOSABLE_TAG } from '../../../bin/disposable';
import { type Answers, type LiveCheck, problem } from '../check';
import type { Stage } from '../stage';

export const duplicateName: LiveCheck = {
  number: 3,
  title: 'Two prompts of one name',
  makes: ['one prompt, two if AWS takes the second'],
  needsRegistry: false,
  questions: [
    {
      id: 'name',
      asks: 'What does CreatePrompt answer to a name that is taken?',
      assumed: 'ConflictException',
      concerns: 'docs/adr/0001-versions-by-a-custom-resource.md, and docs/operations.md on destroy and deploy again',
      otherwise:
        'a deployment after cdk destroy makes a second prompt of that name; the stack finds its own by ARN, the command by name may show the wrong one',
    },
  ],

  async run(stage: Stage, answers: Answers) {
    const { bedrock } = stage.account.clients;
    const input = minimalPrompt(stage, 'duplicate');
    const { id } = await bedrock.send(new CreatePromptCommand(input));
    try {
      const second = await bedrock.send(new CreatePromptCommand(input));
      answers.give('name', 'differs', `a second prompt of the name: ${id} and ${second.id}`);
    } catch (error) {
      const isConflict = (error as Error).name === 'ConflictException';
      answers.give('name', isConflict ? 'holds' : 'could not tell', problem(error));
    }
  },
};

/** Text, name and tag; each call with it gets a client token of its own. */
export function minimalPrompt(stage: Stage, role: string, text = 'Answer with one word.'): CreatePromptCommandInput {
  return {
    name: stage.names.prompt(role),
    defaultVariant: 'default',
    variants: [{ name: 'default', templateType: 'TEXT', templateConfiguration: { text: { text } } }],
    tags: { [DISPOSABLE_TAG]: stage.names.id },
  };
}

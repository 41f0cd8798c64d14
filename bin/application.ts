import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { PromptClient } from '../client';

// Once per process. Where the registry is and which alias is meant stand in the environment: alias.grants.invoke(fn).
const prompts = PromptClient.fromEnvironment();
const bedrock = new BedrockRuntimeClient();

/** The example's application, a Lambda function: `{ "prompt": "financial-analysis", "variables": { "ticker": "AMZN" } }` */
export async function handler({ prompt, variables }: { prompt: string; variables: Record<string, string> }) {
  const answer = await prompts.run(prompt, variables, (request) => bedrock.send(new ConverseCommand(request)));
  return answer.output?.message?.content;
}

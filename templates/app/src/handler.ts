import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import { PromptClient } from 'cdk-prompt-registry/client';
import { Application } from './application';
import type { Prompts } from './prompts';

// Once per process. Prefix and alias stand in the environment: lib/application-stack.ts grants them.
const application = new Application(PromptClient.fromEnvironment<Prompts>(), new BedrockRuntimeClient());

/** `{ "name": "Ada" }` or `{ "question": "Where is order 1815?" }` */
export async function handler(event: { readonly name?: string; readonly question?: string }): Promise<string> {
  if (event.question !== undefined) return await application.support(event.question);
  return await application.greet(event.name ?? 'the customer');
}

import type { Stack } from 'aws-cdk-lib';
import type { aws_kms } from 'aws-cdk-lib/interfaces';
import type { IPromptRegistry } from '../prompt-registry';
import { appMemory } from './app-memory';

/** A prompt of this app, as others need to know it. */
export interface PromptOfRegistry {
  readonly stack: Stack;
  readonly promptArn: string;
  readonly encryptionKey?: aws_kms.IKeyRef;
}

const prompts = appMemory('prompts', (): PromptOfRegistry[] => []);

/** The prompts of a registry in this app so far, in the order of their definition. */
export function promptsOf(registry: IPromptRegistry): readonly PromptOfRegistry[] {
  return prompts(registry);
}

export function rememberPrompt(registry: IPromptRegistry, prompt: PromptOfRegistry): void {
  prompts(registry).push(prompt);
}

/**
 * The runtime client: applications ask for an alias, never for a version.
 *
 * @module
 */

export type { ConverseFields } from '../core/content/converse-fields';
export type { OpenAiRequest, OpenAiTool } from '../core/content/openai-request';
export type { CompiledChat, CompiledPrompt } from '../core/content/template';
export type { PromptVariables } from '../core/content/variables';
export type { PromptSnapshot } from '../core/contract/prompt-snapshot';
export { RegistryError } from '../core/registry-error';
export type { RegistryErrorCode } from '../core/registry-error-codes';
export type { Clock } from './clock';
export type { ConverseRequest } from './converse-request';
export { type FakePrompt, fakePrompts } from './fake-prompts';
export type { PromptFallback } from './fallback';
export { ManagedPrompt, type OpenAiOptions, type UseOptions } from './managed-prompt';
export type { PromptSource } from './pointed';
export { PromptClient } from './prompt-client';
export type { PromptClientOptions, PromptLogger, PromptModelPrice } from './prompt-client-options';
export type { PromptRunner } from './prompt-runner';
export type { CompiledOf, PromptType, UntypedPrompts, VariablesOf } from './prompt-types';
export type { PromptUse } from './prompt-use';
export type { GetOptions, RunOptions } from './run-options';
export type { SdkClient } from './sdk-client';

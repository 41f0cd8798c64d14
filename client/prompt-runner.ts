import type { ConverseRequest } from './converse-request';
import type { ManagedPrompt } from './managed-prompt';
import type { CompiledOf, PromptType, UntypedPrompts, VariablesOf } from './prompt-types';
import type { GetOptions, RunOptions } from './run-options';

/**
 * What an application needs of a `PromptClient`. Let it ask for this, and its tests can give it `fakePrompts`.
 */
export interface PromptRunner<P extends { [N in keyof P]: PromptType } = UntypedPrompts> {
  /** As `PromptClient.get`. */
  get<N extends keyof P & string>(
    name: N,
    options?: GetOptions,
  ): Promise<ManagedPrompt<VariablesOf<P, N>, CompiledOf<P, N>>>;

  /** As `PromptClient.run`. */
  run<N extends keyof P & string, R>(
    name: N,
    variables: VariablesOf<P, N>,
    call: (request: ConverseRequest, prompt: ManagedPrompt<VariablesOf<P, N>, CompiledOf<P, N>>) => Promise<R>,
    options?: RunOptions,
  ): Promise<R>;
}

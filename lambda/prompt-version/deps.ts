import type { BedrockPrompts } from '../bedrock-prompts';
import type { HandlerClock } from '../clock';
import type { Log } from '../log';
import type { ObjectStore } from '../object-store';
import type { StackOperation } from '../stack-operation';

/** What the publisher works with. */
export interface PromptVersionDeps {
  readonly prompts: BedrockPrompts;
  readonly store: ObjectStore;
  readonly stack: StackOperation;
  readonly clock: HandlerClock;
  readonly log: Log;
  /** Name of the registry in the archive: its parameter prefix. */
  readonly registry: string;
}

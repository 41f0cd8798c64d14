import type { PromptVariantContent } from './prompt-content';

export interface PromptFile {
  readonly variant: PromptVariantContent;
  readonly name: string;
  readonly description?: string;
}

export function parsePromptFile(_source: string, _fileName: string): PromptFile {
  throw new Error('not written yet');
}

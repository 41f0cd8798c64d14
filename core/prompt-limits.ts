import type { PromptVariantContent } from './prompt-content';

/** `isUnresolved` tells which values are not known yet (CDK tokens); they are not checked. */
export function checkVariant(
  _variant: PromptVariantContent,
  _where: string,
  _isUnresolved: (value: unknown) => boolean = () => false,
): void {
  throw new Error('not written yet');
}

import { Annotations, Token } from 'aws-cdk-lib';
import type { CfnPrompt } from 'aws-cdk-lib/aws-bedrock';
import type { IConstruct } from 'constructs';
import { hiddenCharacters } from '../../core/text/hidden-characters';
import { visibleLine } from '../../core/text/visible-text';
import type { PromptSource } from '../prompt-variant';
import { resolvedVariant } from './predicted-content';

const NAMED = 10;

/**
 * Warns of characters that a model reads and a reviewer does not see: in a prompt's file with their lines, and in what is
 * deployed besides, aspects and overrides included. Of tokens nothing is known.
 */
export function warnOfHiddenCharacters(scope: IConstruct, draft: CfnPrompt, source?: PromptSource): void {
  const inFile = source ? hiddenCharacters(source.text) : [];
  const named = new Set(inFile.map(({ codePoint }) => codePoint));
  const places = [
    ...inFile.map(({ line, codePoint }) => `${visibleLine(source?.path ?? '')}:${line}: ${codePoint}`),
    ...texts(resolvedVariant(draft), 'variant').flatMap(([path, text]) =>
      hiddenCharacters(text)
        .filter(({ codePoint }) => !named.has(codePoint))
        .map(({ line, codePoint }) => `${visibleLine(path)}:${line}: ${codePoint}`),
    ),
  ];
  if (places.length === 0) return;
  const more = places.length > NAMED ? `, and ${places.length - NAMED} more` : '';
  Annotations.of(scope).addWarningV2(
    'cdk-prompt-registry:hiddenCharacters',
    `the prompt holds characters that nobody sees and that the model reads: ${places.slice(0, NAMED).join(', ')}${more}; remove them, or acknowledge this warning where they are meant`,
  );
}

/** Every text within a value, keys of free JSON included, with its path. */
function texts(value: unknown, path: string): (readonly [string, string])[] {
  if (typeof value === 'string') return Token.isUnresolved(value) ? [] : [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    [path, key] as const,
    ...texts(inner, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`),
  ]);
}

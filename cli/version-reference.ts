import { isTag } from '../core/contract/tag';
import { VERSION_PATTERN } from '../core/contract/version-arn';
import { parseVersionTarget } from '../core/release/version-target';
import { usageError } from './cli-error';

/** What a person may write for a content: some name a version of the registry, others a file. */
export type VersionReference =
  | { readonly kind: 'version'; readonly version: number }
  | { readonly kind: 'alias'; readonly aliasName: string }
  | { readonly kind: 'digest'; readonly digest: string }
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'previous' }
  | { readonly kind: 'draft' }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'revision'; readonly revision: string; readonly path: string | undefined };

/** Names that would mean another content tomorrow. */
const MOVING = /^(latest|current|newest)$/i;

export const REFERENCE_FORMS = ':5, @PROD, v1.0, draft, pd1:…, file:PATH or rev:REVISION[:PATH]';

/**
 * Reads `:5` or `5`, `@PROD`, a tag (`v1.0` or `@v1.0`), `draft`, `previous`, `pd1:…`, `file:PATH`, `rev:REVISION[:PATH]`.
 * `@v1` is an alias, or a tag where there is no such alias.
 */
export function parseVersionReference(text: string): VersionReference {
  const [, scheme, rest = ''] = /^(file|rev):(.+)$/s.exec(text) ?? [];
  if (scheme === 'file') return { kind: 'file', path: rest };
  if (scheme === 'rev') {
    const [, revision = '', path] = /^([^:]+)(?::(.+))?$/s.exec(rest) ?? [];
    // git would take it for an option.
    if (revision && !revision.startsWith('-')) return { kind: 'revision', revision, path };
  }
  const found = inRegistry(text);
  if (found) return found;
  throw usageError(`${JSON.stringify(text)} names no version`, `write ${REFERENCE_FORMS}`);
}

function inRegistry(text: string): VersionReference | undefined {
  if (text.toLowerCase() === 'draft') return { kind: 'draft' };
  if (text === 'previous') return { kind: 'previous' };
  const alias = /^@([A-Za-z][A-Za-z0-9_-]*)$/.exec(text)?.[1];
  if (alias) return { kind: 'alias', aliasName: alias };
  const number = new RegExp(`^:?(${VERSION_PATTERN})$`).exec(text)?.[1];
  if (number) return { kind: 'version', version: Number(number) };
  if (/^pd1:/.test(text)) {
    const target = parseVersionTarget(text);
    return target.kind === 'digest' ? target : undefined;
  }
  const tag = text.replace(/^@/, '');
  return isTag(tag) && !MOVING.test(tag) ? { kind: 'tag', tag } : undefined;
}

/** `financial-analysis@PROD`, `financial-analysis:3`, `financial-analysis` in two. */
export function splitPromptReference(text: string): { promptName: string; reference: string | undefined } {
  const [, promptName = text, reference] = /^([^@:]+)((?:@|:).+)$/s.exec(text) ?? [];
  return { promptName, reference: reference?.toLowerCase() === ':draft' ? 'draft' : reference };
}

import { DIGEST_PATTERN } from '../contract/digest-text';
import { NO_VERSION } from '../contract/no-version';
import { VERSION_PATTERN } from '../contract/version-arn';
import { RegistryError } from '../registry-error';

/** What a stack parameter accepts as an alias's target; the `AllowedPattern` of the parameter. */
export const VERSION_TARGET_PATTERN = `^(${NO_VERSION}|${VERSION_PATTERN}|${DIGEST_PATTERN})$`;

/** Where an alias is to point: nowhere, at a version of its prompt, or at whichever version has a content digest. */
export type VersionTarget =
  | { readonly kind: 'none' }
  | { readonly kind: 'version'; readonly version: number }
  | { readonly kind: 'digest'; readonly digest: string };

/**
 * Reads an alias's target: `none`, a version number from 1 to 99999, or a content digest.
 *
 * @throws RegistryError `InvalidVersionTarget`
 */
export function parseVersionTarget(text: string): VersionTarget {
  if (!new RegExp(VERSION_TARGET_PATTERN).test(text)) {
    throw new RegistryError(
      'InvalidVersionTarget',
      `an alias's target must be none, a version number from 1 to 99999, or a content digest (pd1: and 64 hex digits), found ${JSON.stringify(text)}: ${objection(text)}`,
    );
  }
  if (text === NO_VERSION) return { kind: 'none' };
  if (text.startsWith('pd1:')) return { kind: 'digest', digest: text };
  return { kind: 'version', version: Number(text) };
}

function objection(text: string): string {
  if (text === '') return 'it is empty; write none for an alias that points nowhere';
  if (text.trim() !== text) return 'it has spaces around it';
  if (/^draft$/i.test(text))
    return 'the draft can change at any time, so no alias points at it; publish a version first';
  if (/^(latest|current|newest)$/i.test(text)) {
    return 'a name that moves by itself would release by surprise; name the version';
  }
  if (/^none$/i.test(text)) return 'none is written in lower case';
  if (/^0+$/.test(text)) return 'versions are numbered from 1';
  if (/^0[0-9]+$/.test(text)) return 'a version number has no leading zero';
  if (/^[0-9]{6,}$/.test(text)) return 'Bedrock numbers versions with at most 5 digits';
  if (/^pd1:/i.test(text)) return 'a digest is pd1: and exactly 64 lower-case hex digits';
  return 'it is none of these';
}

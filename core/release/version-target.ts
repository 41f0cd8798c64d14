import { DIGEST_PATTERN } from '../contract/digest-text';
import { NO_VERSION } from '../contract/no-version';
import { VERSION_PATTERN } from '../contract/version-arn';
import { RegistryError } from '../registry-error';

/** What a stack parameter accepts as an alias's target; the `AllowedPattern` of the parameter. */
export const VERSION_TARGET_PATTERN = `^(${NO_VERSION}|${VERSION_PATTERN}|${DIGEST_PATTERN})$`;

const PLACE_PATTERN = `(${VERSION_PATTERN}|${DIGEST_PATTERN})`;

/** Stands between the two places of a rollout. An unquoted shell takes it as it is, unlike `>`. */
const TO = '..';

/** The same for an alias that rolls out: `3..4` stands on 3 and gives 4 to a share of its callers. */
export const ROLLOUT_TARGET_PATTERN = `^(${NO_VERSION}|${PLACE_PATTERN}(\\.\\.${PLACE_PATTERN})?)$`;

/** A version of the prompt, or whichever version has a content digest. */
export type TargetPlace =
  | { readonly kind: 'version'; readonly version: number }
  | { readonly kind: 'digest'; readonly digest: string };

/** Where an alias is to point: nowhere, at a place, or at one while another is rolled out. */
export type VersionTarget =
  | { readonly kind: 'none' }
  | TargetPlace
  | { readonly kind: 'rollout'; readonly stable: TargetPlace; readonly candidate: TargetPlace };

/**
 * Reads an alias's target: `none`, a version number from 1 to 99999, a content digest, or two of these with `..` between.
 *
 * @throws RegistryError `InvalidVersionTarget`
 */
export function parseVersionTarget(text: string): VersionTarget {
  if (!new RegExp(ROLLOUT_TARGET_PATTERN).test(text)) {
    throw new RegistryError(
      'InvalidVersionTarget',
      `an alias's target must be none, a version number from 1 to 99999, or a content digest (pd1: and 64 hex digits), found ${JSON.stringify(text)}: ${objection(text)}`,
    );
  }
  const [stable, candidate] = placesOfTarget(text).map(placeFrom);
  if (stable === undefined) return { kind: 'none' };
  return candidate === undefined ? stable : { kind: 'rollout', stable, candidate };
}

/** `3..4`: stand on 3 and roll out 4. */
export function formatRolloutTarget(stable: number, candidate: number): string {
  return `${stable}${TO}${candidate}`;
}

/** The numbers and digests that a target names, as texts: none, where the alias stands, and what it rolls out. */
export function placesOfTarget(text: string): string[] {
  return text === NO_VERSION ? [] : text.split(TO);
}

function placeFrom(text: string): TargetPlace {
  return text.startsWith('pd1:') ? { kind: 'digest', digest: text } : { kind: 'version', version: Number(text) };
}

/** Where an alias with this target stands; null for nowhere. */
export function standingPlace(target: VersionTarget): TargetPlace | null {
  if (target.kind === 'none') return null;
  return target.kind === 'rollout' ? target.stable : target;
}

function objection(text: string): string {
  if (text === '') return 'it is empty; write none for an alias that points nowhere';
  if (text.trim() !== text) return 'it has spaces around it';
  if (/^draft$/i.test(text))
    return 'the draft can change at any time, so no alias points at it; publish a version first';
  if (text.includes(TO))
    return `a rollout is two versions or digests with ${TO} between and no spaces, such as 3${TO}4`;
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

import { NO_VERSION } from '../contract/no-version';
import { parseVersionArn } from '../contract/version-arn';

/** The version that a parameter's value points at, null for `none`; undefined for what is no version of this prompt. */
export function versionIn(value: string, promptId: string): number | null | undefined {
  if (value === NO_VERSION) return null;
  const found = parseVersionArn(value);
  return found?.promptId === promptId ? found.version : undefined;
}

/** A parameter's value as a finding shows it. */
export function shownValue(value: string): string {
  const found = parseVersionArn(value);
  if (found !== null) return `${found.promptId}:${found.version}`;
  return value === NO_VERSION ? NO_VERSION : JSON.stringify(value);
}

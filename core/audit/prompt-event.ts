import { PROMPT_ID_PATTERN, versionOfArn } from '../contract/version-arn';
import { type TrailEvent, text } from './trail-event';

const PROMPT_OF_CALL = new RegExp(`^(?:arn:[^:]*:bedrock:[^:]*:[^:]*:prompt/)?(${PROMPT_ID_PATTERN})(?::[0-9A-Z]+)?$`);

/** Bedrock's id of the prompt that a call was about. */
export function promptOf({ request, response, resources }: TrailEvent): string | null {
  for (const name of [text(request.promptIdentifier), text(response.arn), text(response.id), ...resources]) {
    if (name !== null) {
      const id = PROMPT_OF_CALL.exec(name)?.[1];
      if (id) return id;
    }
  }
  return null;
}

/** The version that a call made, deleted or used; null for the draft or the prompt itself. */
export function versionOf({ request, response, resources }: TrailEvent): number | null {
  const told = [response.version, request.promptVersion];
  for (const value of told) {
    const number = Number(value);
    if (value !== undefined && value !== null && Number.isInteger(number) && number >= 1) return number;
  }
  for (const name of [text(request.promptIdentifier), text(response.arn), ...resources]) {
    const version = versionOfArn(name ?? undefined);
    if (version !== null) return version;
  }
  return null;
}

/** `ABCDEFGHIJ:2`, the version that a call was about. */
export function versionName(event: TrailEvent): string {
  return `${promptOf(event)}:${versionOf(event)}`;
}

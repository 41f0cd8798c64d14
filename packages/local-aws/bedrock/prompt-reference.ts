import { AwsError } from '../aws-error';
import type { Call } from '../call';

const REFERENCE =
  /^(?:([0-9a-zA-Z]{10})|arn:aws:bedrock:([a-z0-9-]{1,20}):([0-9]{12}):prompt\/([0-9a-zA-Z]{10})(?::([0-9]{1,5}))?)$/;
const VERSION = /^(?:DRAFT|0*[1-9][0-9]{0,4})$/;

/** A prompt's draft or one of its versions, as a request names it; whether it exists is not known yet. */
export interface PromptReference {
  readonly id: string;
  /** ARN without a version: the draft, and the name of the whole prompt. */
  readonly promptArn: string;
  readonly version: 'DRAFT' | number;
  /** ARN that IAM is asked about. */
  readonly arn: string;
}

/** Reads an id or ARN, with the version in the ARN or apart from it. Throws ValidationException. */
export function promptReference(identifier: string | undefined, version: string | undefined, call: Call) {
  const [matched, plainId, region, account, arnId, arnVersion] = REFERENCE.exec(identifier ?? '') ?? [];
  if (matched === undefined) {
    throw invalid(`Invalid prompt identifier '${identifier}': expected an ID of 10 characters or the ARN of a prompt.`);
  }
  if (version !== undefined && !VERSION.test(version)) {
    throw invalid(
      `1 validation error detected: Value '${version}' at 'promptVersion' failed to satisfy constraint: Member must satisfy regular expression pattern: (DRAFT|[0-9]{0,4}[1-9][0-9]{0,4})`,
    );
  }
  if (arnVersion !== undefined && version !== undefined && arnVersion !== version) {
    throw invalid(`The prompt version '${version}' does not match the version in the prompt ARN '${identifier}'.`);
  }
  const id = plainId ?? arnId ?? '';
  const promptArn = `arn:aws:bedrock:${region ?? call.region}:${account ?? call.account}:prompt/${id}`;
  const named = version ?? arnVersion ?? 'DRAFT';
  const reference: PromptReference =
    named === 'DRAFT'
      ? { id, promptArn, version: 'DRAFT', arn: promptArn }
      : { id, promptArn, version: Number(named), arn: `${promptArn}:${Number(named)}` };
  return reference;
}

/** As {@link promptReference}, for operations on the prompt as a whole. */
export function wholePromptReference(identifier: string | undefined, call: Call): PromptReference {
  const reference = promptReference(identifier, undefined, call);
  if (reference.version !== 'DRAFT') {
    throw invalid(`The prompt identifier '${identifier}' names a version: expected a prompt without a version.`);
  }
  return reference;
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationException', 400, message);
}

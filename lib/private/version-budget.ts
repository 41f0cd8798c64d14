import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { VERSION_LIMIT } from '../../core/contract/bedrock-limits';
import type { ReleasablePrompt } from '../releasable-prompt';
import { constructError } from './construct-error';
import { aliasesOf } from './prompt-aliases';

/** Of Bedrock's 10 versions per prompt, one is the newest and one makes room for the next. */
const MOST_PROTECTED = VERSION_LIMIT - 2;
const COMFORTABLY_PROTECTED = 6;

/** Takes 2 to 5 versions for an alias. Throws `InvalidCallableVersions`. */
export function checkCallableVersions(scope: Construct, count: number): number {
  if (!Number.isInteger(count) || count < 2 || count > 5) {
    throw constructError(
      scope,
      'InvalidCallableVersions',
      `expected 2 to 5 callableVersions, found ${count}: choose a whole number in that range`,
    );
  }
  return count;
}

/** Counts the versions that all aliases of a prompt hold. Throws `TooManyAliases`, warns where little room is left. */
export function checkVersionBudget(scope: Construct, prompt: ReleasablePrompt): void {
  const aliases = aliasesOf(prompt);
  const held = aliases.reduce((sum, { callableVersions }) => sum + callableVersions, 0);
  const found = `${aliases.length} aliases (${aliases.map(({ aliasName }) => aliasName).join(', ')}) that hold up to ${held} versions of ${prompt.promptName}`;
  if (held > MOST_PROTECTED) {
    throw constructError(
      scope,
      'TooManyAliases',
      `expected aliases that hold at most ${MOST_PROTECTED} of the ${VERSION_LIMIT} versions that Bedrock keeps per prompt, found ${found}: remove an alias, lower callableVersions, or make a second prompt`,
    );
  }
  if (held > COMFORTABLY_PROTECTED) {
    Annotations.of(prompt).addWarningV2(
      'cdk-prompt-registry:manyAliases',
      `${found}: of the ${VERSION_LIMIT} versions that Bedrock keeps per prompt, ${VERSION_LIMIT - held} are left for new ones`,
    );
  }
}

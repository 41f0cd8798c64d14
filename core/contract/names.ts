import { createHash } from 'node:crypto';
import { RegistryError } from '../registry-error';
import type { LogicalIdRole } from './logical-id-role';

/** A prompt's name: letters and digits, each followed by at most one `_` or `-`, 1–100 of them. */
export const PROMPT_NAME = /^([0-9a-zA-Z][_-]?){1,100}$/;

/** An alias's name: a letter, then at most 31 letters, digits, `_` and `-`. */
export const ALIAS_NAME_PATTERN = '[A-Za-z][A-Za-z0-9_-]{0,31}';
export const ALIAS_NAME = new RegExp(`^${ALIAS_NAME_PATTERN}$`);

/** Name of a group of reviewers, for use inside a longer pattern. */
export const GROUP_PATTERN = '[a-z][a-z0-9-]{0,30}';

/** A role session's name: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export const SESSION_NAME_PATTERN = '[A-Za-z0-9_+=,.@-]{2,64}';

/**
 * Name of the SSM parameter that holds an alias's pointer: `/prompts/prod/financial-analysis/PROD`.
 *
 * @throws RegistryError as the three checks below
 */
export function parameterName(prefix: string, promptName: string, aliasName: string): string {
  checkParameterPrefix(prefix);
  checkPromptName(promptName);
  checkAliasName(aliasName);
  return `${prefix}/${promptName}/${aliasName}`;
}

/**
 * What a caller of an alias may read: the pointer, and what stands below it. Nothing stands there yet; with the right in
 * place a client can ask for both in one request once something does. No other alias of the registry has such a name.
 *
 * @param parameterArn the pointer's; may be a CDK token
 */
export function pointerArns(parameterArn: string): [own: string, below: string] {
  return [parameterArn, `${parameterArn}/*`];
}

/**
 * Letters and digits, each followed by at most one `_` or `-`: 1–100 of them.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent_CreatePrompt.html
 * @throws RegistryError `InvalidPromptName`
 */
export function checkPromptName(name: string): void {
  if (!PROMPT_NAME.test(name)) {
    throw new RegistryError(
      'InvalidPromptName',
      `a prompt's name must be 1 to 100 letters and digits, each followed by at most one _ or -, found ${quote(name)}`,
    );
  }
}

/**
 * A letter, then at most 31 letters, digits, `_` and `-`: an alias is the last part of a parameter's name.
 *
 * @throws RegistryError `InvalidAliasName`
 */
export function checkAliasName(name: string): void {
  if (!ALIAS_NAME.test(name)) {
    throw new RegistryError(
      'InvalidAliasName',
      `an alias's name must be a letter and then at most 31 letters, digits, _ or -, such as PROD, found ${quote(name)}`,
    );
  }
}

/**
 * A lower-case letter, then at most 30 lower-case letters, digits and `-`.
 *
 * @throws RegistryError `InvalidGroup`
 */
export function checkGroup(name: string): void {
  if (!new RegExp(`^${GROUP_PATTERN}$`).test(name)) {
    throw new RegistryError(
      'InvalidGroup',
      `a group of reviewers must be a lower-case letter and then at most 30 lower-case letters, digits or -, such as risk, found ${quote(name)}`,
    );
  }
}

/**
 * One to 13 parts, each with a slash before it: SSM takes 15 levels, and the prompt and the alias follow.
 * `/aws` and `/ssm` belong to AWS, in any casing.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
 * @throws RegistryError `InvalidParameterPrefix`
 */
export function checkParameterPrefix(prefix: string): void {
  if (!/^(\/[a-zA-Z0-9_.-]+){1,13}$/.test(prefix)) {
    throw new RegistryError(
      'InvalidParameterPrefix',
      `a parameter prefix must be 1 to 13 parts of letters, digits, _, . and -, each after a slash, such as /prompts/prod, found ${quote(prefix)}`,
    );
  }
  if (/^\/(aws|ssm)/i.test(prefix)) {
    throw new RegistryError(
      'InvalidParameterPrefix',
      `a parameter prefix must not begin with aws or ssm, which AWS keeps for itself, found ${quote(prefix)}`,
    );
  }
}

/** `financial-analysis` → `FinancialAnalysis`, `PROD` → `Prod`; a word of mixed case keeps its letters. */
export function pascalCase(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + (/[a-z]/.test(word) ? word.slice(1) : word.slice(1).toLowerCase()))
    .join('');
}

/** Name of the stack parameter that says where an alias points: `FinancialAnalysisProdVersion`. */
export function aliasParameterId(promptName: string, aliasName: string): string {
  return letterFirst(`${pascalCase(promptName)}${pascalCase(aliasName)}Version`);
}

/** Name of the stack parameter that withdraws versions of a prompt: `FinancialAnalysisWithdrawnVersions`. */
export function withdrawnParameterId(promptName: string): string {
  return letterFirst(`${pascalCase(promptName)}WithdrawnVersions`);
}

/**
 * Logical id of a resource of the registry: readable words, and 8 hex digits that keep apart what the words do not.
 *
 * It comes from names alone, not from the construct path: moving a construct in the tree must not replace an alias.
 */
export function logicalId(
  prefix: string,
  promptName: string | undefined,
  aliasName: string | undefined,
  role: LogicalIdRole,
): string {
  const identity = JSON.stringify([prefix, promptName ?? null, aliasName ?? null, role]);
  const words = `${pascalCase(promptName ?? '')}${pascalCase(aliasName ?? '')}${role}`;
  return letterFirst(`${words}${shortHash(identity).toUpperCase()}`);
}

/** What the name of a caller's policy is made of. */
export interface CallerPolicyNameProps {
  readonly parameterPrefix: string;
  readonly promptName: string;
  readonly aliasName: string;
  /** May be a CDK token; only appended. */
  readonly region: string;
  readonly access: 'invoke' | 'read';
}

/**
 * Name of the managed policy that an alias's callers attach: `prompts+prod+financial-analysis+PROD+invoke+us-east-1`.
 * The `+` stands in no prefix, prompt or alias, so no two aliases share a name. IAM is global, hence the Region. At most
 * 128 characters; what is longer is cut and told apart by a hash.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export function callerPolicyName(props: CallerPolicyNameProps): string {
  const { parameterPrefix, promptName, aliasName, region, access } = props;
  const subject = `${parameterPrefix.slice(1).replaceAll('/', '+')}+${promptName}`;
  return policyName(subject, [parameterPrefix, promptName], `+${aliasName}+${access}`, region);
}

/** Name of the managed policy that reviewers attach: `prompts+prod+reviewers+us-east-1`. */
export function reviewerPolicyName(parameterPrefix: string, region: string): string {
  return policyName(parameterPrefix.slice(1).replaceAll('/', '+'), [parameterPrefix], '+reviewers', region);
}

function policyName(subject: string, identity: readonly string[], end: string, region: string): string {
  const room = POLICY_NAME_LENGTH - 1 - REGION_LENGTH - end.length;
  const fitting =
    subject.length <= room ? subject : `${subject.slice(0, room - 9)}=${shortHash(JSON.stringify(identity))}`;
  return `${fitting}${end}+${region}`;
}

const POLICY_NAME_LENGTH = 128;
const REGION_LENGTH = 'ap-southeast-1'.length;

/** CloudFormation's ids begin with a letter, prompt names need not. */
function letterFirst(id: string): string {
  return /^[0-9]/.test(id) ? `Prompt${id}` : id;
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

function quote(text: string): string {
  return JSON.stringify(text);
}

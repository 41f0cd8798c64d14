import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { promptName as checkName } from '../../core/langfuse/prompt-name';
import { LATEST, PRODUCTION } from '../../core/langfuse/prompt-row';
import type { ServedAlias } from '../../core/langfuse/served-alias';
import type { IPromptAlias } from '../i-prompt-alias';
import { PromptAlias } from '../prompt-alias';
import { constructError } from './construct-error';

/** As Langfuse takes labels. */
const LABEL = /^[a-z0-9_.-]{1,36}$/;
const IMPORTED_CALLABLE = 2;

export interface ServedAliasesProps {
  readonly aliases: readonly IPromptAlias[];
  readonly labels: Readonly<Record<string, IPromptAlias | readonly IPromptAlias[]>>;
  /** Langfuse's name → name in Bedrock. */
  readonly names: Readonly<Record<string, string>>;
}

/** The aliases under the names and labels that clients use: one prompt a name, one alias a label. Throws. */
export function servedAliases(scope: Construct, { aliases, labels, names }: ServedAliasesProps): ServedAlias[] {
  const given = labelsOf(scope, aliases, labels);
  const nameOf = namesOf(scope, aliases, names);
  const served = aliases.map((alias) => ({
    name: nameOf.get(alias.promptName) ?? alias.promptName,
    prompt: alias.promptName,
    alias: alias.aliasName,
    labels: [...new Set([...(given.get(alias) ?? []), ...ownLabels(alias, aliases, given)])],
    callable: alias instanceof PromptAlias ? alias._callableVersions : IMPORTED_CALLABLE,
    stack: alias instanceof PromptAlias ? Stack.of(alias).stackName : 'that defines it',
  }));
  checkLabels(scope, served);
  return served;
}

/** In small letters; PROD is `production` as well, unless another alias of its prompt is. */
function ownLabels(
  { aliasName, promptName }: IPromptAlias,
  aliases: readonly IPromptAlias[],
  given: ReadonlyMap<IPromptAlias, readonly string[]>,
): string[] {
  const small = aliasName.toLowerCase();
  const siblings = aliases.filter((alias) => alias.promptName === promptName);
  const isTaken = siblings.some(
    (alias) => alias.aliasName.toLowerCase() === PRODUCTION || given.get(alias)?.includes(PRODUCTION),
  );
  return small === 'prod' && !isTaken ? [PRODUCTION, small] : [small];
}

function labelsOf(scope: Construct, aliases: readonly IPromptAlias[], labels: ServedAliasesProps['labels']) {
  const given = new Map<IPromptAlias, string[]>();
  for (const [label, meant] of Object.entries(labels)) {
    if (!LABEL.test(label) || label === LATEST)
      throw invalid(
        scope,
        `a label of 1 to 36 small letters, digits and _ . -, other than latest`,
        `'${label}'`,
        'rename it',
      );
    for (const alias of [meant].flat() as IPromptAlias[]) {
      if (!aliases.includes(alias))
        throw invalid(scope, `the label ${label} on one of the aliases`, alias.parameterName, 'add it to aliases');
      given.set(alias, [...(given.get(alias) ?? []), label]);
    }
  }
  return given;
}

function namesOf(scope: Construct, aliases: readonly IPromptAlias[], names: ServedAliasesProps['names']) {
  const prompts = new Set(aliases.map(({ promptName }) => promptName));
  const nameOf = new Map([...prompts].map((prompt) => [prompt, prompt]));
  for (const [name, prompt] of Object.entries(names)) {
    if (!prompts.has(prompt))
      throw invalid(scope, `the name ${name} on a prompt of one of the aliases`, prompt, 'add an alias of it');
    if (nameOf.get(prompt) !== prompt)
      throw invalid(scope, `one name for ${prompt}`, `${nameOf.get(prompt)} and ${name}`, 'leave one of them out');
    nameOf.set(prompt, name);
  }
  for (const name of nameOf.values()) {
    const [issue] = checkName(name, []);
    const found = issue?.message ?? (/%/.test(name) && "a '%', which no path carries unchanged");
    if (found)
      throw invalid(scope, 'a name that Langfuse takes', `'${name}': ${found}`, 'give it another one in names');
  }
  const taken = [...nameOf.values()];
  const twice = taken.find((name, index) => taken.indexOf(name) !== index);
  if (twice !== undefined)
    throw invalid(scope, 'a name for one prompt', `${twice} for two`, 'rename one of them in names');
  return nameOf;
}

function checkLabels(scope: Construct, served: readonly ServedAlias[]): void {
  const taken = new Map<string, string>();
  for (const { name, labels, alias } of served) {
    for (const label of labels) {
      const before = taken.get(`${name}|${label}`);
      if (before !== undefined)
        throw invalid(scope, `the label ${label} of ${name} on one alias`, `${before} and ${alias}`, 'set labels');
      taken.set(`${name}|${label}`, alias);
    }
  }
}

export function invalid(scope: Construct, expected: string, found: string, fix: string) {
  return constructError(scope, 'InvalidLangfuseEndpoint', `expected ${expected}, found ${found}: ${fix}`);
}

import { createHash } from 'node:crypto';
import type { PromptVariantContent } from '../core/content/prompt-content';
import { templateVariables } from '../core/content/template-variables';
import type { SnapshotVersion } from '../core/contract/prompt-snapshot';
import { PromptClient } from './prompt-client';
import type { PromptRunner } from './prompt-runner';
import type { PromptType, UntypedPrompts } from './prompt-types';

/** A text in which each `{{name}}` is a variable, or a whole variant as `GetPrompt` answers it. */
export type FakePrompt = string | PromptVariantContent;

const PARAMETER_PREFIX = '/fake';

/**
 * A `PromptClient` for tests: the real one, in front of a registry in memory in which each prompt has a version 1 and
 * every alias points to it. Names and variables are checked as they are later; nothing is logged or measured, and AWS is
 * not asked.
 *
 * @example
 * const prompts = fakePrompts<Prompts>({ greeting: 'Greet {{name}}.' });
 * await new Application(prompts, bedrock).greet('Ada');
 */
export function fakePrompts<P extends { [N in keyof P]: PromptType } = UntypedPrompts>(
  prompts: { readonly [N in keyof P]: FakePrompt },
): PromptRunner<P> & Pick<PromptClient<P>, 'score'> {
  const entries = Object.entries<FakePrompt>(prompts).map(([name, prompt], index) => ({
    name,
    versionArn: `arn:aws:bedrock:us-east-1:111122223333:prompt/FAKE${String(index).padStart(6, '0')}:1`,
    variant: typeof prompt === 'string' ? textVariant(prompt) : prompt,
  }));
  const versions = Object.fromEntries(
    entries.map(({ versionArn, variant }): [string, SnapshotVersion] => [versionArn, heldVersion(variant)]),
  );
  const ssm = {
    send: async (command: object) => {
      const [Name = ''] = parametersIn(command);
      const [name, alias] = Name.slice(PARAMETER_PREFIX.length + 1).split('/');
      const found = alias && entries.find((entry) => entry.name === name);
      if (!found) throw Object.assign(new Error(`fakePrompts has no prompt ${name}`), { name: 'ParameterNotFound' });
      return { Parameters: [{ Name, Value: found.versionArn }] };
    },
  };
  // Contents stand in the snapshot: they are known at once, so that `converse` checks the names of variables.
  const snapshot = {
    schema: 1,
    parameterPrefix: PARAMETER_PREFIX,
    time: new Date().toISOString(),
    aliases: {},
    versions,
  };
  const silent = { logger: false, metrics: false } as const;
  return new PromptClient<P>({ parameterPrefix: PARAMETER_PREFIX, alias: 'FAKE', ssm, snapshot, ...silent });
}

function textVariant(text: string): PromptVariantContent {
  const inputVariables = templateVariables(text).names.map((name) => ({ name }));
  return { templateType: 'TEXT', templateConfiguration: { text: { text, inputVariables } } };
}

function heldVersion(variant: PromptVariantContent): SnapshotVersion {
  return { digest: 'fake', sha256: createHash('sha256').update(JSON.stringify(variant)).digest('hex'), variant };
}

function parametersIn(command: object): readonly string[] {
  return (command as { input: { Names: string[] } }).input.Names;
}

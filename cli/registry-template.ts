import { RELEASE_PLAN_TYPE } from '../core/contract/release-plan-resource';
import type { StackAlias } from './registry-stack';
import { readStackTemplate } from './stack-template';

/** What a template says of a registry. */
export interface RegistryTemplate {
  readonly parameterPrefix: string | undefined;
  readonly aliases: readonly StackAlias[];
  /** Ids of prompts that the template names as they are: adopted ones. By prompt name. */
  readonly promptIds: ReadonlyMap<string, string>;
}

/** Reads the aliases and their targets from a registry stack's template. Names are literals: the constructs see to it. */
export function readRegistryTemplate(body: string): RegistryTemplate {
  const resources = Object.values(readStackTemplate(body).Resources ?? {});
  const plans = resources.filter(({ Type }) => Type === RELEASE_PLAN_TYPE);
  const aliases = plans.map(({ Properties = {} }) => aliasFrom(Properties));
  const names = resources.flatMap(({ Type, Properties }) =>
    Type === 'AWS::SSM::Parameter' && typeof Properties?.Name === 'string' ? [Properties.Name] : [],
  );
  const prefixes = aliases.flatMap(({ promptName, aliasName }) => {
    const end = `/${promptName}/${aliasName}`;
    return names.filter((name) => name.endsWith(end)).map((name) => name.slice(0, -end.length));
  });
  const promptIds = plans.flatMap(({ Properties = {} }) =>
    typeof Properties.PromptId === 'string' ? [[String(Properties.PromptName), Properties.PromptId] as const] : [],
  );
  return { parameterPrefix: prefixes[0], aliases, promptIds: new Map(promptIds) };
}

function aliasFrom(properties: Readonly<Record<string, unknown>>): StackAlias {
  const { PromptName, AliasName, Target, TargetParameter, CallableVersions } = properties;
  return {
    promptName: String(PromptName),
    aliasName: String(AliasName),
    parameterId: typeof TargetParameter === 'string' && TargetParameter !== '' ? TargetParameter : undefined,
    sourceTarget: typeof Target === 'string' ? Target : undefined,
    callableVersions: Number(CallableVersions) || 2,
  };
}

import { UNKNOWN } from '../core/audit/bucket-policy';
import type { DeclaredBucket } from '../core/audit/bucket-settings';
import { keyContexts } from '../core/audit/key-contexts';
import { list, object } from '../core/audit/trail-event';
import { GATES_VARIABLE, PROPAGATION_VARIABLE } from '../core/contract/handler-environment';
import { HANDLER_ROLES } from '../core/contract/handler-name';
import type { LogicalIdRole } from '../core/contract/logical-id-role';
import { logicalId } from '../core/contract/names';
import { RELEASE_PLAN_TYPE } from '../core/contract/release-plan-resource';
import { groupsOfPolicy } from '../core/ledger/layout';
import type { DeclaredGating, PlanFunction, StackAlias, StackPolicy } from './registry-stack';
import { attributeOwners, resolved, type StackFacts } from './resolved-template';
import { readStackTemplate, type TemplateResource } from './stack-template';

/** What a template says of a registry. */
export interface RegistryTemplate {
  readonly parameterPrefix: string | undefined;
  readonly aliases: readonly StackAlias[];
  readonly policies: readonly StackPolicy[];
  readonly resources: Readonly<Record<string, TemplateResource>>;
  /** What the function of aliases waits for IAM; undefined where the template has none. */
  readonly propagationSeconds: number | undefined;
  /** Ids of prompts that the template names as they are: adopted ones. By prompt name. */
  readonly promptIds: ReadonlyMap<string, string>;
  /** Undefined where the registry is another stack's. */
  readonly gating: DeclaredGating | undefined;
}

/** Reads the aliases and their targets from a registry stack's template. Names are literals: the constructs see to it. */
export function readRegistryTemplate(body: string): RegistryTemplate {
  const Resources = resourcesIn(body);
  const resources = Object.values(Resources);
  const plans = resources.filter(isPlan);
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
  const policies = policiesIn(Resources, prefixes[0] ?? '');
  const gating = declaredGating(prefixes[0] ?? '', Resources);
  return {
    parameterPrefix: prefixes[0],
    aliases,
    policies,
    propagationSeconds: propagationIn(resources),
    resources: Resources,
    promptIds: new Map(promptIds),
    gating,
  };
}

/** The gates stand in the environment of the registry's functions, the groups in its bucket's policy. */
function declaredGating(
  prefix: string,
  resources: Readonly<Record<string, TemplateResource>>,
): DeclaredGating | undefined {
  const named = (role: LogicalIdRole) => resources[logicalId(prefix, undefined, undefined, role)];
  const plan = named(HANDLER_ROLES['prompt-release-plan']);
  if (plan === undefined) return undefined;
  const { [GATES_VARIABLE]: gates } = object(object(plan.Properties?.Environment).Variables);
  const policy = JSON.stringify(named('LedgerPolicy')?.Properties ?? {});
  return { gates: typeof gates === 'string' ? gates : '{}', groups: groupsOfPolicy(policy) };
}

/** Of a foreign stack's template nothing may be as expected. */
function resourcesIn(body: string): Record<string, TemplateResource> {
  const entries = Object.entries(object(readStackTemplate(body).Resources)).map(([id, resource]) => {
    const { Type, Properties } = object(resource);
    return [id, { ...(typeof Type === 'string' && { Type }), Properties: object(Properties) }] as const;
  });
  return Object.fromEntries(entries);
}

/** Others may call a resource the same; its names are literals in ours. */
function isPlan({ Type, Properties = {} }: TemplateResource): boolean {
  const { PromptName, AliasName } = Properties;
  return Type === RELEASE_PLAN_TYPE && typeof PromptName === 'string' && typeof AliasName === 'string';
}

/** What the template says of the ledger's bucket; undefined where that is another stack's. */
export function declaredLedger(prefix: string, facts: StackFacts): DeclaredBucket | undefined {
  const named = (role: LogicalIdRole) => facts.template[logicalId(prefix, undefined, undefined, role)]?.Properties;
  const bucket = named('Ledger');
  if (bucket === undefined) return undefined;
  const [rule] = list(object(bucket.BucketEncryption).ServerSideEncryptionConfiguration).map(object);
  const { SSEAlgorithm, KMSMasterKeyID } = object(rule?.ServerSideEncryptionByDefault);
  const key = resolved(KMSMasterKeyID, facts);
  const isKnown = typeof key === 'string' && !key.includes(UNKNOWN);
  const { Mode, Days } = object(object(object(bucket.ObjectLockConfiguration).Rule).DefaultRetention);
  const statements = list(object(named('LedgerPolicy')?.PolicyDocument).Statement);
  return {
    keyId: String(SSEAlgorithm).startsWith('aws:kms') ? (isKnown ? key : undefined) : null,
    statements: statements.map((statement) => resolved(statement, facts)),
    pinnedRoles: statements.flatMap((statement) => {
      const { Sid, Condition } = object(statement);
      return attributeOwners(Condition, 'RoleId').flatMap((id) => {
        const roleName = facts.resources.get(id)?.physicalId;
        return roleName === undefined ? [] : [{ sid: String(Sid), roleName }];
      });
    }),
    retention: Mode === undefined ? null : `${Mode} for ${Days} days`,
  };
}

/** The function behind the plans of its aliases; undefined where only CloudFormation knows it. */
export function planFunctionOf(facts: StackFacts): PlanFunction | undefined {
  const { ServiceToken } = Object.values(facts.template).find(isPlan)?.Properties ?? {};
  const { 'Fn::ImportValue': imported } = object(ServiceToken);
  const name = resolved(imported ?? ServiceToken, facts);
  // `{{resolve:…}}` is CloudFormation's to resolve.
  if (typeof name !== 'string' || name.includes(UNKNOWN) || name.includes('{{')) return undefined;
  return imported === undefined ? { arn: name } : { exportName: name };
}

/** The policies that are filled from the plans of aliases. */
function policiesIn(resources: Readonly<Record<string, TemplateResource>>, prefix: string): StackPolicy[] {
  const plans = Object.entries(resources).filter(([, resource]) => isPlan(resource));
  const managed = Object.entries(resources).filter(([, { Type }]) => Type === 'AWS::IAM::ManagedPolicy');
  return managed.flatMap(([id, { Properties = {} }]): StackPolicy[] => {
    const document = JSON.stringify(Properties.PolicyDocument ?? {});
    // As a list of two, or with a dot, as a YAML template may have it, also within a text of Fn::Sub.
    const named = new Set([...document.matchAll(/["{](\w+)(?=[".])/g)].map(([, name]) => name));
    const own = plans.filter(([plan]) => named.has(plan));
    const aliases = own.map(([, plan]) => aliasFrom(plan.Properties ?? {}));
    if (aliases.length === 0) return [];
    const [{ promptName, aliasName }] = aliases as [StackAlias];
    const is = (role: LogicalIdRole) => id === logicalId(prefix, promptName, aliasName, role);
    const kind = is('CallerPolicy')
      ? 'caller'
      : is('ReaderPolicy')
        ? 'reader'
        : document.includes('"NotResource"')
          ? 'guard'
          : 'combined';
    return [{ logicalId: id, kind, aliases, keyContexts: keyContexts(Properties.PolicyDocument) }];
  });
}

function aliasFrom(properties: Readonly<Record<string, unknown>>): StackAlias {
  const { PromptName, AliasName, Target, TargetParameter, CallableVersions, Gates, Rollout } = properties;
  return {
    promptName: String(PromptName),
    aliasName: String(AliasName),
    parameterId: typeof TargetParameter === 'string' && TargetParameter !== '' ? TargetParameter : undefined,
    sourceTarget: typeof Target === 'string' ? Target : undefined,
    callableVersions: Number(CallableVersions) || 2,
    ...(typeof Gates === 'string' && { gates: Gates }),
    ...(Rollout !== undefined && { rollout: declaredRollout(Rollout) }),
  };
}

/** An alarm of the same app stands in the settings as a reference, so that CDK writes them as a join. */
function declaredRollout(settings: unknown): StackAlias['rollout'] {
  const nothing = { stackId: '', stackName: '', parameters: new Map(), resources: new Map(), template: {} };
  const text = String(resolved(settings, nothing)).replaceAll(UNKNOWN, '?');
  try {
    const { steps, for: seconds } = object(JSON.parse(text));
    return { steps: list(steps).map(Number), ...(typeof seconds === 'number' && { for: seconds }) };
  } catch {
    return { steps: [] }; // not ours to refuse: the stack parses them when it is deployed
  }
}

function propagationIn(resources: readonly TemplateResource[]): number | undefined {
  const variables = resources
    .filter(({ Type }) => Type === 'AWS::Lambda::Function')
    .map(({ Properties = {} }) => object(object(Properties.Environment).Variables));
  const seconds = Number(variables.map((one) => one[PROPAGATION_VARIABLE]).find((one) => one !== undefined));
  return Number.isFinite(seconds) ? seconds : undefined;
}

import type { Parameter, RollbackConfiguration, Stack, Tag } from '@aws-sdk/client-cloudformation';
import type { DeclaredBucket } from '../core/audit/bucket-settings';
import type { GuardrailTerms } from '../core/audit/guardrail-shape';
import type { PolicyKind } from '../core/audit/policy-shape';
import type { Rollout } from '../core/ledger/record-schema-2';

/** One alias as its stack's template defines it. */
export interface StackAlias {
  readonly promptName: string;
  readonly aliasName: string;
  /** Name of the stack parameter that sets the target; undefined where source sets it. */
  readonly parameterId: string | undefined;
  /** The target in source: a version or digest; undefined where a parameter sets it or only the deployment knows it. */
  readonly sourceTarget: string | undefined;
  /** How many versions may be callable at once, the target included. */
  readonly callableVersions: number;
  /** Its own gates as JSON, which add to those of the registry; undefined where it has none. */
  readonly gates?: string | undefined;
  /** Shares of its rollouts, in percent, and seconds to the end of one that has an end; undefined where it moves at once. */
  readonly rollout?: Pick<Rollout, 'steps' | 'for'> | undefined;
}

/** What a registry's template says of approvals. */
export interface DeclaredGating {
  /** By the name of an alias, as JSON: read only where somebody needs them, so that what is wrong with them stops no rollback. */
  readonly gates: string;
  /** Groups in which somebody may sign, sorted; undefined where another stack has them. */
  readonly groups: readonly string[] | undefined;
}

/** The function that plans releases, as a template names it: an ARN, or what another stack exports. */
export type PlanFunction = { readonly arn: string } | { readonly exportName: string };

/** A managed policy whose versions come from the plans of aliases. */
export interface StackPolicy {
  readonly logicalId: string;
  readonly kind: PolicyKind;
  /** One for a caller's or reader's policy, several for a combined one or a guard. */
  readonly aliases: readonly StackAlias[];
  /** How many encryption contexts it opens keys for. */
  readonly keyContexts: number;
}

/** A registry's stack as CloudFormation describes it. */
export interface RegistryStack {
  readonly stackId: string;
  readonly stackName: string;
  /** `UPDATE_COMPLETE`, … as of the reading. */
  readonly status: string;
  /** When its last operation began, ISO 8601, as of the reading. */
  readonly changed: string;
  readonly parameters: readonly Parameter[];
  readonly capabilities: NonNullable<Stack['Capabilities']>;
  readonly tags: readonly Tag[];
  readonly notificationArns: readonly string[];
  /** Alarms that CloudFormation watches in every operation; undefined where the stack has none. */
  readonly rollback?: RollbackConfiguration;
  /** Service role of CloudFormation; undefined where the stack has none. */
  readonly roleArn?: string;
  /** When the last operation began. */
  readonly updated?: Date;
  /** `/prompts/prod` */
  readonly parameterPrefix: string;
  readonly ledgerBucket: string;
  readonly aliases: readonly StackAlias[];
  readonly policies: readonly StackPolicy[];
  /** How long a release waits for IAM; undefined where another stack's functions do. */
  readonly propagationSeconds?: number | undefined;
  /** What is known of the registry's gates; undefined where it is another stack's and nobody asked its function yet. */
  readonly gating?: DeclaredGating | undefined;
  /** The function that plans the releases of its aliases; undefined where the template does not tell. */
  readonly planFunction?: PlanFunction | undefined;
  /** What the template says of the ledger's bucket; undefined where that is another stack's. */
  readonly ledger?: DeclaredBucket | undefined;
  /** What callers have to name, by the names of the aliases' parameters; absent where none has to name anything. */
  readonly guardrails?: ReadonlyMap<string, GuardrailTerms>;
  /** Physical ids by logical id. */
  readonly resources: ReadonlyMap<string, { readonly type: string; readonly physicalId: string }>;
}

/** Present value of a stack parameter; undefined where the stack has none of this name. */
export function parameterValue(stack: RegistryStack, parameterId: string): string | undefined {
  return stack.parameters.find(({ ParameterKey }) => ParameterKey === parameterId)?.ParameterValue;
}

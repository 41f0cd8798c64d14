import type { Output } from '@aws-sdk/client-cloudformation';
import { type DependencyGraph, dependencyGraph } from './dependency-graph';
import type { Stack } from './stack';
import type { StackRegistry } from './stack-registry';
import type { StackResource, StackTarget } from './stack-target';
import type { ResourceDefinition } from './template';
import { TemplateEvaluation } from './template-evaluation';
import { validationError } from './validation-error';

/** What expressions say about resources. */
export interface ResourceLookup {
  ref(logicalId: string): unknown;
  attribute(logicalId: string, name: string): unknown;
}

export interface EvaluatedTarget {
  /** The resources whose condition holds. */
  readonly resources: ReadonlyMap<string, ResourceDefinition>;
  readonly graph: DependencyGraph;
  /** Names of the exports that were used so far. */
  readonly imports: Set<string>;
  resolve(value: unknown): Promise<unknown>;
  outputs(): Promise<Output[]>;
}

export interface EvaluationEnvironment {
  readonly account: string;
  readonly region: string;
  readonly registry: StackRegistry;
  readonly readSsm: (name: string) => Promise<string | undefined>;
}

/** A target with its conditions decided and its resources in order. Rules are checked where the target is accepted. */
export async function evaluatedTarget(
  target: StackTarget,
  stack: Pick<Stack, 'id' | 'name' | 'resources'>,
  { account, region, registry, readSsm }: EvaluationEnvironment,
  lookup: ResourceLookup = liveLookup(stack),
): Promise<EvaluatedTarget & { checkRules(): Promise<void> }> {
  const { template, parameters } = target;
  const imports = new Set<string>();
  const evaluation = new TemplateEvaluation({
    template,
    values: {
      'AWS::AccountId': account,
      'AWS::NotificationARNs': target.notificationArns,
      'AWS::Partition': 'aws',
      'AWS::Region': region,
      'AWS::StackId': stack.id,
      'AWS::StackName': stack.name,
      'AWS::URLSuffix': 'amazonaws.com',
      ...Object.fromEntries(parameters.map(({ ParameterKey, value }) => [ParameterKey, value])),
    },
    ...lookup,
    importValue: (name) => {
      imports.add(name);
      return registry.exportValue(name);
    },
    ssmParameter: async (name) => {
      const value = await readSsm(name);
      if (value === undefined) {
        throw validationError(`Could not resolve {{resolve:ssm:${name}}}: Parameter ${name} not found`);
      }
      return value;
    },
  });
  const holds = async (condition: string | undefined) => condition === undefined || evaluation.condition(condition);
  const resources = new Map<string, ResourceDefinition>();
  for (const [logicalId, definition] of Object.entries(template.Resources)) {
    if (await holds(definition.Condition)) {
      resources.set(logicalId, definition);
    }
  }
  const others = [...Object.keys(template.Resources), ...Object.keys(template.Parameters ?? {})];
  return {
    resources,
    graph: dependencyGraph(resources, new Set(others)),
    imports,
    resolve: (value) => evaluation.resolve(value),
    checkRules: () => evaluation.checkRules(),
    async outputs() {
      const outputs: Output[] = [];
      for (const [OutputKey, { Value, Description, Condition, Export }] of Object.entries(template.Outputs ?? {})) {
        if (await holds(Condition)) {
          const OutputValue = String(await evaluation.resolve(Value));
          const ExportName = Export && String(await evaluation.resolve(Export.Name));
          outputs.push({ OutputKey, OutputValue, Description, ExportName });
        }
      }
      return outputs;
    },
  };
}

function liveLookup({ resources }: Pick<Stack, 'resources'>): ResourceLookup {
  return {
    ref: (logicalId) => present(resources, logicalId).physicalId,
    attribute: (logicalId, name) => attributeOf(present(resources, logicalId), name),
  };
}

export function attributeOf({ logicalId, attributes }: StackResource, name: string): unknown {
  const [first = '', ...rest] = name.split('.');
  const value =
    attributes[name] ?? rest.reduce<unknown>((v, key) => (v as Record<string, unknown>)?.[key], attributes[first]);
  if (value === undefined || value === null) {
    throw validationError(`Attribute '${name}' does not exist on ${logicalId}`);
  }
  return value;
}

function present(resources: ReadonlyMap<string, StackResource>, logicalId: string): StackResource {
  const resource = resources.get(logicalId);
  if (!resource) {
    throw validationError(`Template error: resource ${logicalId} does not exist or its condition does not hold`);
  }
  return resource;
}

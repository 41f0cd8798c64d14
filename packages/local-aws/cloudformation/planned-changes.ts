import { isDeepStrictEqual } from 'node:util';
import type { Change, ResourceChange, ResourceChangeDetail } from '@aws-sdk/client-cloudformation';
import { collectReferences } from './dependency-graph';
import { changedProperties, replacementFor } from './resource-types';
import type { Stack } from './stack';
import { attributeOf, type EvaluatedTarget, type EvaluationEnvironment, evaluatedTarget } from './stack-evaluation';
import type { Properties, StackTarget } from './stack-target';

/** AWS's own marker of a value that only the deployment will know. */
const unknownYet = '{{changeSet:KNOWN_AFTER_APPLY}}';

/** What a target would change, as far as can be told before: attributes of resources that change count as changed. */
export async function plannedChanges(
  stack: Stack,
  target: StackTarget,
  environment: EvaluationEnvironment,
): Promise<{ changes: Change[]; isEmpty: boolean }> {
  const changing = new Map<string, ResourceChange>();
  const isNew = (id: string) => !stack.resources.has(id) || changing.get(id)?.Replacement === 'True';
  const lookup = {
    ref: (id: string) => (isNew(id) ? unknownYet : stack.resources.get(id)?.physicalId),
    attribute: (id: string, name: string) => {
      const resource = stack.resources.get(id);
      return !resource || changing.has(id) ? unknownYet : attributeOf(resource, name);
    },
  };
  const evaluated = await evaluatedTarget(target, stack, environment, lookup);
  for (const logicalId of inOrder(evaluated.graph)) {
    const change = await changeOf(logicalId, stack, target, evaluated, changing);
    if (change) {
      changing.set(logicalId, change);
    }
  }
  const inTemplateOrder = [...evaluated.resources.keys()].flatMap((id) => changing.get(id) ?? []);
  const removed = [...stack.resources.values()].filter(({ logicalId }) => !evaluated.resources.has(logicalId));
  const removals = removed.map(({ logicalId, type, physicalId, deletionPolicy }): ResourceChange => {
    const PolicyAction = deletionPolicy === 'Delete' ? 'Delete' : 'Retain';
    return {
      Action: 'Remove',
      PolicyAction,
      LogicalResourceId: logicalId,
      PhysicalResourceId: physicalId,
      ResourceType: type,
    };
  });
  const changes = [...inTemplateOrder, ...removals].map((ResourceChange) => ({
    Type: 'Resource' as const,
    ResourceChange,
  }));
  const isSame =
    isDeepStrictEqual(await evaluated.outputs(), stack.outputs) &&
    isDeepStrictEqual(target.tags, stack.target?.tags ?? []);
  return { changes, isEmpty: changes.length === 0 && isSame };
}

async function changeOf(
  logicalId: string,
  stack: Stack,
  target: StackTarget,
  evaluated: EvaluatedTarget,
  changing: ReadonlyMap<string, ResourceChange>,
): Promise<ResourceChange | undefined> {
  const definition = target.template.Resources[logicalId];
  const oldDefinition = stack.target?.template.Resources[logicalId];
  const old = stack.resources.get(logicalId);
  const properties = (await evaluated.resolve(definition?.Properties ?? {})) as Properties;
  const named = { LogicalResourceId: logicalId, ResourceType: definition?.Type };
  const AfterContext = JSON.stringify({ Properties: properties });
  if (!old) {
    return { Action: 'Add', ...named, AfterContext };
  }
  const details = changedProperties(old.properties, properties).flatMap((Name): ResourceChangeDetail[] => {
    const isDynamic = JSON.stringify(properties[Name] ?? '').includes(unknownYet);
    const isDirect = !isDeepStrictEqual(definition?.Properties?.[Name], oldDefinition?.Properties?.[Name]);
    const detail: ResourceChangeDetail = {
      Target: { Attribute: 'Properties', Name, RequiresRecreation: replacementFor(old.type, Name) },
      Evaluation: isDynamic ? 'Dynamic' : 'Static',
      ChangeSource: isDirect ? 'DirectModification' : isDynamic ? 'ResourceAttribute' : 'ParameterReference',
    };
    if (isDirect) {
      return [detail];
    }
    const expression = definition?.Properties?.[Name];
    const causes: ResourceChangeDetail[] = [
      ...attributesIn(expression)
        .filter(([id]) => changing.has(id))
        .map(([id, attribute]) => ({
          ChangeSource: 'ResourceAttribute' as const,
          CausingEntity: `${id}.${attribute}`,
        })),
      ...changedParametersIn(expression, stack, target).map((CausingEntity) => ({
        ...{ ChangeSource: 'ParameterReference' as const, CausingEntity, Evaluation: 'Static' as const },
      })),
    ];
    return causes.length === 0 ? [detail] : causes.map((cause) => ({ ...detail, ...cause }));
  });
  for (const Attribute of ['Metadata', 'DeletionPolicy', 'UpdateReplacePolicy'] as const) {
    if (!isDeepStrictEqual(definition?.[Attribute], oldDefinition?.[Attribute])) {
      const Target = { Attribute, RequiresRecreation: 'Never' as const };
      details.push({ Target, Evaluation: 'Static', ChangeSource: 'DirectModification' });
    }
  }
  if (details.length === 0) {
    return undefined;
  }
  const recreations = details.filter(({ Target }) => Target?.RequiresRecreation !== 'Never');
  const isCertain = recreations.some(
    ({ Target, Evaluation }) => Target?.RequiresRecreation === 'Always' && Evaluation === 'Static',
  );
  const Replacement = isCertain ? 'True' : recreations.length > 0 ? 'Conditional' : 'False';
  return {
    ...{ Action: 'Modify', ...named, PhysicalResourceId: old.physicalId, Replacement, Details: details },
    PolicyAction: !isCertain
      ? undefined
      : definition?.UpdateReplacePolicy === 'Retain'
        ? 'ReplaceAndRetain'
        : 'ReplaceAndDelete',
    Scope: [...new Set(details.flatMap(({ Target }) => Target?.Attribute ?? []))],
    ...{ BeforeContext: JSON.stringify({ Properties: old.properties }), AfterContext },
  };
}

/** The parameters that a part of a template refers to, and that have another value now. */
function changedParametersIn(expression: unknown, stack: Stack, target: StackTarget): string[] {
  const named = new Set<string>();
  collectReferences(expression, named);
  const before = new Map(stack.target?.parameters.map(({ ParameterKey, value }) => [ParameterKey, value]));
  return target.parameters
    .filter(({ ParameterKey: key, value }) => named.has(key) && !isDeepStrictEqual(before.get(key), value))
    .map(({ ParameterKey }) => ParameterKey);
}

/** All that `Fn::GetAtt` asks for in a part of a template. */
function attributesIn(value: unknown): [logicalId: string, attribute: string][] {
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  const asked = (value as { 'Fn::GetAtt'?: string | string[] })['Fn::GetAtt'];
  if (asked !== undefined) {
    const [logicalId = '', ...attribute] = typeof asked === 'string' ? asked.split('.') : asked;
    return [[logicalId, attribute.join('.')]];
  }
  return Object.values(value).flatMap(attributesIn);
}

function inOrder(graph: EvaluatedTarget['graph']): string[] {
  const order = new Set<string>();
  while (order.size < graph.size) {
    for (const [id, needs] of graph) {
      if ([...needs].every((needed) => order.has(needed))) {
        order.add(id);
      }
    }
  }
  return [...order];
}

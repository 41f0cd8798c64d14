import { isDeepStrictEqual } from 'node:util';
import type { Change, ResourceToImport } from '@aws-sdk/client-cloudformation';
import { isImportable } from './providers';
import { isCustomResource, primaryIdentifier } from './resource-types';
import type { Stack } from './stack';
import type { Properties, ResourceImport, StackTarget } from './stack-target';
import { validationError } from './validation-error';

/**
 * What a change set of type IMPORT takes in. An import changes nothing else: it adds no resource, changes and removes none,
 * and leaves outputs and tags. Messages and their order are those that AWS answers.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-manually.html
 *
 * @param planned what the template would change in the stack
 */
export function resourceImports(
  listed: readonly ResourceToImport[],
  stack: Stack,
  target: StackTarget,
  planned: readonly Change[],
): ResourceImport[] {
  const imports = listed.map((entry, index) => readEntry(entry, index));
  const ids = imports.map(({ logicalId }) => logicalId);
  if (ids.length === 0) throw validationError('Must Provide at least one resource to import');
  if (new Set(ids).size < ids.length) {
    throw validationError('Every resource to import must have unique LogicalResourceId');
  }
  for (const { type, identifier } of imports) checkIdentifier(type, identifier);
  checkTemplate(imports, stack, target);
  const changed = planned.flatMap(({ ResourceChange: change }) =>
    change?.Action === 'Add' ? [] : [change?.LogicalResourceId],
  );
  refuse(changed, (names) => {
    return `You have modified resources [${names}] in your template that are not being imported. Update, create or delete operations cannot be executed during import operations.`;
  });
  checkSettings(stack, target);
  return imports;
}

function readEntry({ LogicalResourceId, ResourceType, ResourceIdentifier = {} }: ResourceToImport, index: number) {
  if (Object.keys(ResourceIdentifier).length === 0) {
    throw validationError(
      `1 validation error detected: Value null at 'resourcesToImport.${index + 1}.member.resourceIdentifier' failed to satisfy constraint: Member must not be null`,
    );
  }
  return { logicalId: LogicalResourceId ?? '', type: ResourceType ?? '', identifier: ResourceIdentifier };
}

function checkIdentifier(type: string, identifier: Properties): void {
  if (isCustomResource(type)) {
    throw validationError(`The following resource types are not supported for resource import: ${type}`);
  }
  const expected = primaryIdentifier(type);
  if (!isDeepStrictEqual(Object.keys(identifier).sort(), [...expected].sort())) {
    throw validationError(`Invalid resource identifier for resource type ${type}. Expected [${expected.join(', ')}]`);
  }
}

function checkTemplate(imports: readonly ResourceImport[], stack: Stack, { template }: StackTarget): void {
  const ids = imports.map(({ logicalId }) => logicalId);
  const isIn = (id: string) => stack.resources.has(id);
  refuse(
    ids.filter((id) => !(id in template.Resources)),
    (names) => {
      return `The logical resource ids [${names}] provided in ResourceToImport do not exist in the template.`;
    },
  );
  for (const { logicalId, type } of imports) {
    const declared = template.Resources[logicalId]?.Type;
    if (declared !== type) {
      throw validationError(
        `Resource type of [${logicalId}] passed in ResourceToImport does not match with resource type defined in the template. Resource type in ResourceToImport: ${type}; Resource type in Template: ${declared}.`,
      );
    }
  }
  const added = Object.keys(template.Resources).filter((id) => !isIn(id));
  if (added.length === 0) throw validationError('The template should contain at least one new resource to import.');
  refuse(ids.filter(isIn), (names) => {
    return `Resources [${names}] passed in ResourceToImport are already in a stack and cannot be imported.`;
  });
  refuse(
    added.filter((id) => !ids.includes(id)),
    (names) => {
      return `Resources [${names}] is missing from ResourceToImport list`;
    },
  );
  refuse(
    ids.filter((id) => template.Resources[id]?.DeletionPolicy === undefined),
    (names) => {
      return `The following resources to import [${names}] must have DeletionPolicy attribute specified in the template.`;
    },
  );
}

function checkSettings(stack: Stack, target: StackTarget): void {
  const before = stack.target;
  const isSame = {
    Outputs: isDeepStrictEqual(target.template.Outputs ?? {}, before?.template.Outputs ?? {}),
    // A new stack gets its role: `cdk import` always gives one.
    RoleArn: before === undefined || before.roleArn === target.roleArn,
    Tags: isDeepStrictEqual(target.tags, before?.tags ?? []),
  };
  refuse(
    Object.entries(isSame).flatMap(([name, same]) => (same ? [] : [name])),
    (names) => {
      return `As part of the import operation, you cannot modify or add [${names}]`;
    },
  );
}

function refuse(names: readonly (string | undefined)[], message: (names: string) => string): void {
  if (names.length > 0) throw validationError(message(names.join(', ')));
}

/** As `GetTemplateSummary` names them: how each type of a template is identified, where it can be imported. */
export function identifierSummaries(resources: Readonly<Record<string, { readonly Type: string }>>) {
  const types = [...new Set(Object.values(resources).map(({ Type }) => Type))].filter(isImportable);
  return types.map((ResourceType) => ({
    ResourceType,
    LogicalResourceIds: Object.keys(resources).filter((id) => resources[id]?.Type === ResourceType),
    ResourceIdentifiers: [primaryIdentifier(ResourceType).join(',')],
  }));
}

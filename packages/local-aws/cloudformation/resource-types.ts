import { isDeepStrictEqual } from 'node:util';
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import type { Resource, SpecDatabase } from '@aws-cdk/service-spec-types';
import type { Properties } from './stack-target';

let database: SpecDatabase | undefined;
const known = new Map<string, Resource | undefined>();

/** The type as AWS's schemas describe it; undefined for custom resources. Loaded at the first question (0.6 s). */
function resourceType(type: string): Resource | undefined {
  if (!known.has(type)) {
    database ??= loadAwsServiceSpecSync();
    known.set(type, database.lookup('resource', 'cloudFormationType', 'equals', type)[0]);
  }
  return known.get(type);
}

/** Names of the properties that differ, added and removed ones included. */
export function changedProperties(before: Properties, after: Properties): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => !isDeepStrictEqual(before[name], after[name]));
}

/** Whether a change of this property makes a new physical resource. */
export function replacementFor(type: string, property: string): 'Always' | 'Conditionally' | 'Never' {
  if (isCustomResource(type)) {
    return property === 'ServiceToken' ? 'Always' : 'Never';
  }
  const spec = resourceType(type);
  const isListed = spec?.additionalReplacementProperties?.some(([first]) => first === property);
  const answer = isListed ? 'yes' : spec?.properties[property]?.causesReplacement;
  return answer === 'yes' ? 'Always' : answer === 'maybe' ? 'Conditionally' : 'Never';
}

/** The property that names a resource for its users; two resources of one name cannot exist side by side. */
export function nameProperty(type: string): string | undefined {
  const [identifier, ...others] = resourceType(type)?.primaryIdentifier ?? [];
  const spec = resourceType(type);
  // A part of the name that AWS makes keeps the old one and the new apart, as of two permissions of one function.
  if (others.some((name) => spec?.properties[name] === undefined)) {
    return undefined;
  }
  const candidates = [identifier ?? '', `${type.split('::')[2]}Name`, 'ManagedPolicyName'];
  return candidates.find((name) => spec?.properties[name] !== undefined);
}

/** The properties that together name a resource of the type: what it is imported by. */
export function primaryIdentifier(type: string): readonly string[] {
  return resourceType(type)?.primaryIdentifier ?? [];
}

/** Required properties of the type that `properties` lacks. */
export function missingProperties(type: string, properties: Properties): string[] {
  const spec = Object.entries(resourceType(type)?.properties ?? {});
  return spec.filter(([name, { required }]) => required && !(name in properties)).map(([name]) => name);
}

export function isCustomResource(type: string): boolean {
  return type.startsWith('Custom::') || type === 'AWS::CloudFormation::CustomResource';
}

import { RegistryError } from '../core/registry-error';

/** Properties as CloudFormation delivers them: a template may hold anything, an older one less. */
export type Untrusted<Properties> = { readonly [Name in keyof Properties]?: unknown };

/** A property that must be there, as the string CloudFormation delivers. Throws `MissingProperty`. */
export function textProperty<Properties>(properties: Untrusted<Properties>, name: keyof Properties & string): string {
  const value = properties[name];
  if (typeof value === 'string') return value;
  throw new RegistryError('MissingProperty', `expected the property ${name} as a string, found ${typeof value}`);
}

/** A property that older templates did not have. */
export function optionalTextProperty<Properties>(
  properties: Untrusted<Properties> | undefined,
  name: keyof Properties & string,
  otherwise: string,
): string {
  const value = properties?.[name];
  return typeof value === 'string' ? value : otherwise;
}

/** A whole number ≥ 0 in a string. Throws `MissingProperty` when it is not one. */
export function countProperty<Properties>(properties: Untrusted<Properties>, name: keyof Properties & string): number {
  const value = textProperty(properties, name);
  if (/^\d{1,15}$/.test(value)) return Number(value);
  throw new RegistryError('MissingProperty', `expected the property ${name} as a whole number, found '${value}'`);
}

/** A list of strings; absent means empty. */
export function listProperty<Properties>(
  properties: Untrusted<Properties> | undefined,
  name: keyof Properties & string,
): string[] {
  const value = properties?.[name];
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

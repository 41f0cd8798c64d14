import { CONTENT_FIELDS, type ContentField } from './content-fields';

/** Path of a field of a content that is there and not known: it may mean anything. Undefined where all are known. */
export function unknownField(value: unknown, field: ContentField = CONTENT_FIELDS, path = ''): string | undefined {
  if (typeof field === 'string' || typeof value !== 'object' || value === null) return undefined;
  if ('list' in field) {
    return Array.isArray(value) ? first(value, (item) => unknownField(item, field.list, path)) : path;
  }
  return first(Object.entries(value), ([name, member]) => {
    const at = path ? `${path}.${name}` : name;
    if (Object.hasOwn(field.fields, name)) return unknownField(member, field.fields[name] as ContentField, at);
    return member === undefined || member === null ? undefined : at;
  });
}

function first<T, R>(items: Iterable<T>, find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

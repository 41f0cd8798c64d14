/**
 * An operation as the SDK clients export it (`GetPrompt$` of `@aws-sdk/client-bedrock-agent`): a static tuple
 * `[9, namespace, name, traits, input, output]`, internal to the SDK and therefore pinned in package.json.
 */
export type OperationSchema = readonly [
  9,
  string,
  string,
  { http?: [string, string, number] } | number,
  unknown,
  unknown,
];

export function isOperationSchema(value: unknown): value is OperationSchema {
  return Array.isArray(value) && value[0] === 9 && typeof value[2] === 'string';
}

/** All operations of an SDK client module, by name: those a service implements and those it must refuse by name. */
export function operationSchemas(client: object): Map<string, OperationSchema> {
  const found = Object.values(client).filter(isOperationSchema);
  return new Map(found.map((schema) => [schema[2], schema]));
}

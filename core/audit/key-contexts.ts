import { object } from './trail-event';

/**
 * How many encryption contexts a policy opens a key for: two for each prompt with a key, its ARN and that of its versions.
 * Of a template as well as of a policy that IAM shows, which are counted against each other.
 */
export function keyContexts(document: unknown): number {
  const { Statement } = object(document);
  const statements = Array.isArray(Statement) ? Statement : [Statement];
  const contexts = statements.map(object).flatMap(({ Action, Resource, Condition }) =>
    [Action].flat().includes('kms:Decrypt')
      ? Object.values(object(Condition))
          .flatMap((keys) => Object.values(object(keys)))
          .flatMap((values) => (Array.isArray(values) ? values : [values]))
          .map((value) => JSON.stringify([Resource, value]))
      : [],
  );
  return new Set(contexts).size;
}

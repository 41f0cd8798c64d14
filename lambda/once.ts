/** Makes the value at the first call and keeps it: what fails then fails inside an event, and CloudFormation gets an answer. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

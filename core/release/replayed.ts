/** Lets several readers go through a source that is read once: each from its start, and only as far as it needs. */
export function replayed<T>(source: AsyncIterable<T>): AsyncIterable<T> {
  const iterator = source[Symbol.asyncIterator]();
  const read: Promise<IteratorResult<T>>[] = [];
  return {
    async *[Symbol.asyncIterator]() {
      for (let index = 0; ; index++) {
        read[index] ??= iterator.next();
        const { done, value } = await (read[index] as Promise<IteratorResult<T>>);
        if (done) return;
        yield value;
      }
    },
  };
}

/** The first item; undefined where there is none. */
export async function firstOf<T>(source: AsyncIterable<T>): Promise<T | undefined> {
  for await (const item of source) return item;
  return undefined;
}

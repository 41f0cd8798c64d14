/** Several sources, each newest first, as one: a source is read no further than its turn comes. */
export async function* newestFirst<T extends { readonly time: string }>(
  sources: readonly AsyncIterable<T>[],
): AsyncGenerator<T> {
  const iterators = sources.map((source) => source[Symbol.asyncIterator]());
  const first = await Promise.all(iterators.map((iterator) => iterator.next()));
  const heads = new Map<AsyncIterator<T>, T>();
  for (const [index, { done, value }] of first.entries()) {
    const iterator = iterators[index];
    if (!done && iterator) heads.set(iterator, value);
  }
  while (heads.size > 0) {
    const [iterator, head] = [...heads].reduce((newest, one) => (one[1].time > newest[1].time ? one : newest));
    yield head;
    const { done, value } = await iterator.next();
    if (done) heads.delete(iterator);
    else heads.set(iterator, value);
  }
}

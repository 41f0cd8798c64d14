/** Does so many pieces of work at once and yields what comes of them in the order of the items, each as soon as it is its turn. */
export async function* inOrder<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const underWay: Promise<Result>[] = [];
  const waiting = [...items];
  const start = () => {
    const item = waiting.shift();
    if (item === undefined) return;
    const result = work(item);
    // The loop below throws it when it is its turn; until then it must not end the process.
    result.catch(() => {});
    underWay.push(result);
  };
  for (let count = 0; count < atOnce; count++) start();
  for (let result = underWay.shift(); result; result = underWay.shift()) {
    await result;
    start();
    yield result;
  }
}

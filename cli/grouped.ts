/** Items by what they have in common, in the order of each group's first: `Map.groupBy`, which Node.js 20 has not. */
export function grouped<Item>(items: readonly Item[], by: (item: Item) => string): ReadonlyMap<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(by(item), [...(groups.get(by(item)) ?? []), item]);
  return groups;
}

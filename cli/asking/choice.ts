/** One line of a list to choose from. */
export interface Choice<T> {
  readonly value: T;
  readonly text: string;
  /** What stands after the question once it is chosen. */
  readonly short: string;
  /** More about it, under the list while the cursor is on it. */
  readonly more?: string;
  /** Why it cannot be chosen; left out where it can. */
  readonly closed?: string;
}

/** The one that can be chosen, where there is no other: nobody needs to be asked. */
export function onlyChoice<T>(choices: readonly Choice<T>[]): Choice<T> | undefined {
  const [only, other] = choices.filter(({ closed }) => closed === undefined);
  return other === undefined ? only : undefined;
}

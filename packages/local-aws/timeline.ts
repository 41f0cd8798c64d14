/** A value and all it was before, so that it can be read as it stood at an earlier moment. */
export class Timeline<T> {
  private readonly entries: { readonly since: number; readonly value: T }[] = [];

  set(value: T, since: Date): void {
    this.entries.push({ since: since.getTime(), value });
  }

  at(time: Date): T | undefined {
    return this.entries.findLast(({ since }) => since <= time.getTime())?.value;
  }
}

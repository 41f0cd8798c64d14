/**
 * What an app's constructs have to know of each other, kept with the construct it is about.
 *
 * `Symbol.for` rather than a map of this module: two copies of the package in one tree, as npm installs them where
 * versions differ, must see the same names, turns and prompts. The number in the key grows with a change of what is
 * remembered: copies that remember differently do not see each other.
 *
 * @param name one for each thing that is remembered
 * @param begin what is known of a construct before anything is
 */
export function appMemory<Memory>(name: string, begin: () => Memory): (about: object) => Memory {
  const key = Symbol.for(`cdk-prompt-registry.1.${name}`);
  return (about) => {
    const owner = about as { [key]?: Memory };
    if (owner[key] === undefined) {
      Object.defineProperty(owner, key, { value: begin() });
    }
    return owner[key] as Memory;
  };
}

/** True the first time that it is asked about a construct. */
export function firstTime(name: string): (about: object) => boolean {
  const seen = appMemory(name, () => ({ before: false }));
  return (about) => {
    const memory = seen(about);
    const isFirst = !memory.before;
    memory.before = true;
    return isFirst;
  };
}

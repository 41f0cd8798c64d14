/** An alias as the clients of Langfuse see it. */
export interface ServedAlias {
  /** What the prompt is called there; may hold slashes, blanks and dots, which Bedrock's names cannot. */
  readonly name: string;
  /** Name of the prompt in Bedrock. */
  readonly prompt: string;
  readonly alias: string;
  /** What the alias is called there, the first one first. */
  readonly labels: readonly string[];
  /** How many versions its callers may use. */
  readonly callable: number;
  /** Name of the stack that moves it. */
  readonly stack: string;
}

/** The alias that a label means: as it is written, else in any letters, or by the alias's own name. */
export function aliasOfLabel(aliases: readonly ServedAlias[], label: string): ServedAlias | undefined {
  const small = label.toLowerCase();
  return (
    aliases.find(({ labels }) => labels.includes(label)) ??
    aliases.find(({ alias }) => alias === label) ??
    aliases.find(({ alias, labels }) => [alias, ...labels].some((one) => one.toLowerCase() === small))
  );
}

/** What the registries of a Region are called, and what is in them. */
export interface RegistryNames {
  readonly stack: string;
  /** Names of the aliases by prompt. */
  readonly prompts: Readonly<Record<string, readonly string[]>>;
}

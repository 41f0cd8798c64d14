/** The names that find an alias. */
export interface PromptAliasNames {
  /** The registry's `parameterPrefix`. */
  readonly parameterPrefix: string;

  /** Name of the prompt in Bedrock. */
  readonly promptName: string;

  /** Name of the alias. */
  readonly aliasName: string;
}

import type { GrantableAlias } from './grantable-alias';
import type { PromptAliasGrants } from './prompt-alias-grants';

/** An alias: a named pointer to one version of a prompt. */
export interface IPromptAlias extends GrantableAlias {
  /** Grants on this alias. */
  readonly grants: PromptAliasGrants;

  /**
   * Environment variables that `PromptClient.fromEnvironment()` reads, for containers and whatever else is not a Lambda
   * function, which gets them with a grant.
   */
  readonly clientEnvironment: { [name: string]: string };
}

import type { ServedAlias } from '../langfuse/served-alias';

/** The variable that holds an endpoint's settings: what the construct writes and its function reads. */
export const LANGFUSE_ENDPOINT_VARIABLE = 'LANGFUSE_ENDPOINT';

/** Settings of one endpoint, as JSON; Lambda takes 4 KB of variables altogether. */
export interface LangfuseEndpointSettings {
  readonly schema: 1;
  /** Stack that a new prompt would have to be added to. */
  readonly stack: string;
  readonly aliases: readonly EncodedAlias[];
  readonly keys: readonly LangfuseKeySettings[];
  /** Milliseconds for which pointers hold. */
  readonly ttl: number;
  /** Milliseconds for which the secret of before a rotation is taken. */
  readonly grace: number;
  readonly modelPrefix: string;
  /** Requests a second and at once, for each key at each instance. */
  readonly throttle: readonly [rate: number, burst: number];
}

export interface LangfuseKeySettings {
  readonly name: string;
  readonly publicKey: string;
  readonly secretArn: string;
  /** Which of the aliases, by their place in the list. */
  readonly read: readonly number[];
  readonly latest?: true;
}

/** Name at Langfuse, prompt, alias, labels, callable versions, and the stack where it is another. */
export type EncodedAlias = readonly [
  name: string,
  prompt: string,
  alias: string,
  labels: readonly string[],
  callable: number,
  stack?: string,
];

export function decodedAlias([name, prompt, alias, labels, callable, stack]: EncodedAlias, own: string): ServedAlias {
  return { name, prompt, alias, labels, callable, stack: stack ?? own };
}

/** What the function counts where an archived version is not what was published; dimension `Registry`. */
export const CHANGED_CONTENT_METRIC = 'ChangedContent';

import type { CreateRequest } from './create-request';
import type { LabelledVersion, PromptRow } from './prompt-row';

/** Which versions of which prompts a key may see, and which labels point to them. */
export interface Pointers {
  names(): Promise<readonly string[]>;
  /** In the order of the versions; empty where there is no such prompt for this key. */
  standings(name: string, reach: Reach): Promise<readonly LabelledVersion[]>;
  /** A label as it stands in the standings, where it may be written otherwise too. */
  spelling?(name: string, label: string): string;
}

/** Versions that have a label are often all that is asked for, and cost less to know. */
export type Reach = 'labelled' | 'all';

/** What the versions say. A version that `Pointers` named may be gone by now: undefined. */
export interface Contents {
  read(name: string, version: number): Promise<PromptRow | undefined>;
  /** Whether tags in a prompt stand for other prompts. */
  readonly composes: boolean;
}

/** What a key may change. Each throws a `Refusal` for what it may not. */
export interface Writes {
  create(request: CreateRequest): Promise<Written>;
  /** Adds labels to a version; they leave the versions they were on. */
  label(name: string, version: number, labels: readonly string[]): Promise<Written>;
  remove(name: string, which: { readonly version?: number; readonly label?: string }): Promise<void>;
  /** Traces and scores, which clients send to the same address. */
  readonly takesTraces: boolean;
}

export interface Written {
  readonly row: PromptRow;
  readonly labels: readonly string[];
  /** False where everything stood already as it was asked for. */
  readonly changed: boolean;
}

/** One pair of keys: a project as its holder sees it. */
export interface KeyHolder {
  readonly publicKey: string;
  readonly project: { readonly id: string; readonly name: string };
  readonly pointers: Pointers;
  readonly contents: Contents;
  readonly writes: Writes;
  /** In constant time. */
  isSecret(secretKey: string): Promise<boolean>;
  /** False where the holder has asked too often of late. */
  admits?(): boolean;
}

export interface Keys {
  /** @param secretKey what came with it; nothing is decided by it but whether a server without keys of its own knows the pair */
  find(publicKey: string, secretKey?: string): Promise<KeyHolder | undefined>;
}

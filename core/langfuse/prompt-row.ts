/** A message of a chat prompt, or a place that the caller fills with messages of its own. */
export type LangfuseMessage =
  | { readonly role: string; readonly content: string }
  | { readonly type: 'placeholder'; readonly name: string };

export type LangfusePrompt = string | readonly LangfuseMessage[];

/** One version as it is kept: everything but its labels, which are pointers. */
export interface PromptRow {
  readonly id: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly projectId: string;
  readonly createdBy: string;
  readonly name: string;
  readonly version: number;
  readonly type: 'text' | 'chat';
  readonly prompt: LangfusePrompt;
  readonly config: unknown;
  readonly tags: readonly string[];
  readonly commitMessage: string | null;
  /** Whatever else this server knows of it; clients keep fields they do not know. */
  readonly [extra: string]: unknown;
}

/** A version and the labels that point to it. */
export interface LabelledVersion {
  readonly version: number;
  readonly labels: readonly string[];
}

/** The label that is read where none is named. */
export const PRODUCTION = 'production';
/** Follows the newest version by itself. */
export const LATEST = 'latest';

/** A row as it goes over the wire. */
export function wireRow(row: PromptRow, labels: readonly string[]): Record<string, unknown> {
  return { ...row, isActive: labels.includes(PRODUCTION), labels };
}

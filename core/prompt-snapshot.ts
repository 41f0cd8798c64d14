import { contentDigest } from './content-digest';
import { checkParameterPrefix, parameterName } from './names';
import type { PromptVariantContent } from './prompt-content';
import { RegistryError } from './registry-error';

/**
 * What the aliases of one registry pointed to at one moment, with the contents: the runtime client starts from it when
 * the registry cannot be reached. One JSON file, in canonical order, so that it can be committed and compared.
 */
export interface PromptSnapshot {
  readonly schema: 1;
  readonly parameterPrefix: string;
  /** When the aliases were read, ISO 8601. */
  readonly time: string;
  /** `financial-analysis/PROD` → version ARN. An alias that pointed to nothing is absent. */
  readonly aliases: Readonly<Record<string, string>>;
  /** Version ARN → content, as `GetPrompt` answers it. */
  readonly versions: Readonly<Record<string, SnapshotVersion>>;
}

export interface SnapshotVersion {
  readonly digest: string;
  readonly variant: PromptVariantContent;
}

/** One alias to put into a snapshot. */
export interface SnapshotAlias {
  readonly promptName: string;
  readonly aliasName: string;
  readonly versionArn: string;
  readonly variant: PromptVariantContent;
}

/**
 * Text of a snapshot file.
 *
 * @throws RegistryError as `parameterName` and `contentDigest`
 */
export function writePromptSnapshot(parameterPrefix: string, time: Date, aliases: readonly SnapshotAlias[]): string {
  checkParameterPrefix(parameterPrefix);
  const pointers: Record<string, string> = {};
  const versions: Record<string, SnapshotVersion> = {};
  for (const { promptName, aliasName, versionArn, variant } of aliases.toSorted(byName)) {
    parameterName(parameterPrefix, promptName, aliasName);
    pointers[`${promptName}/${aliasName}`] = versionArn;
    versions[versionArn] = { digest: contentDigest(variant), variant };
  }
  const snapshot: PromptSnapshot = {
    schema: 1,
    parameterPrefix,
    time: time.toISOString(),
    aliases: pointers,
    versions,
  };
  return `${JSON.stringify(snapshot, null, 2)}\n`;
}

/**
 * A snapshot from the text of its file, or from the object that a bundler made of it.
 *
 * @param where names the source in the error
 * @throws RegistryError `InvalidSnapshot`
 */
export function readPromptSnapshot(source: unknown, where: string): PromptSnapshot {
  const snapshot = (typeof source === 'string' ? parse(source, where) : source) as PromptSnapshot | null;
  if (snapshot?.schema !== 1) {
    throw invalid(where, `schema must be 1, found ${JSON.stringify(snapshot?.schema) ?? 'none'}`);
  }
  if (!isRecord(snapshot.aliases) || !isRecord(snapshot.versions) || typeof snapshot.parameterPrefix !== 'string') {
    throw invalid(where, 'parameterPrefix, aliases and versions must be there');
  }
  if (Number.isNaN(Date.parse(snapshot.time))) {
    throw invalid(where, `time must be an ISO 8601 date, found ${JSON.stringify(snapshot.time)}`);
  }
  for (const [alias, versionArn] of Object.entries(snapshot.aliases)) {
    if (!isRecord(snapshot.versions[versionArn]?.variant)) {
      throw invalid(where, `${alias} points to ${versionArn}, whose content is missing`);
    }
  }
  return snapshot;
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid(where, 'it is not JSON', cause);
  }
}

function invalid(where: string, why: string, cause?: unknown): RegistryError {
  return new RegistryError(
    'InvalidSnapshot',
    `${where} is not a snapshot of a prompt registry: ${why}; write it anew with \`prompt-registry snapshot\``,
    { cause },
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function byName(a: SnapshotAlias, b: SnapshotAlias): number {
  const [left, right] = [`${a.promptName}/${a.aliasName}`, `${b.promptName}/${b.aliasName}`];
  return left < right ? -1 : Number(left > right);
}

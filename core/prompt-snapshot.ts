import { createHash } from 'node:crypto';
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
  /** Of the variant's JSON, in hex: an edited copy of a released text must not pass for it. */
  readonly sha256: string;
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
    const sha256 = createHash('sha256').update(JSON.stringify(variant)).digest('hex');
    versions[versionArn] = { digest: contentDigest(variant), sha256, variant };
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
 * A snapshot of one registry, from the text of its file or from the object that a bundler made of it.
 *
 * @param where names the source in the error
 * @throws RegistryError `InvalidSnapshot`
 */
export function readPromptSnapshot(source: unknown, parameterPrefix: string, where: string): PromptSnapshot {
  let snapshot: Partial<PromptSnapshot> | null;
  try {
    snapshot = typeof source === 'string' ? JSON.parse(source) : (source as PromptSnapshot);
  } catch (cause) {
    throw invalid(where, 'JSON', 'something else', cause);
  }
  if (snapshot?.schema !== 1) throw invalid(where, 'schema 1', snapshot?.schema);
  if (snapshot.parameterPrefix !== parameterPrefix) throw invalid(where, parameterPrefix, snapshot.parameterPrefix);
  const { aliases, versions, time } = snapshot;
  if (!(Date.parse(time as string) > 0)) throw invalid(where, 'a time', time);
  if (!aliases || !versions) throw invalid(where, 'aliases and versions', Object.keys(snapshot));
  for (const versionArn of Object.values(aliases)) {
    if (!versions[versionArn]?.variant) throw invalid(where, versionArn, Object.keys(versions));
  }
  return snapshot as PromptSnapshot;
}

function invalid(where: string, expected: string, found: unknown, cause?: unknown): RegistryError {
  return new RegistryError(
    'InvalidSnapshot',
    `${where} must be a snapshot with ${expected}, found ${JSON.stringify(found)}; write it anew: prompt-registry snapshot`,
    { cause },
  );
}

function byName(a: SnapshotAlias, b: SnapshotAlias): number {
  const [left, right] = [`${a.promptName}/${a.aliasName}`, `${b.promptName}/${b.aliasName}`];
  return left < right ? -1 : Number(left > right);
}

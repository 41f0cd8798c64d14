import { NO_VERSION } from '../../core/contract/no-version';
import type { PromptAliasProperties } from '../../core/contract/prompt-alias-resource';
import type { LedgerRecord, ReleasedVersion, ReleaseKind } from '../../core/ledger/record';
import { parseWithdrawnVersions } from '../../core/release/withdrawn-versions';
import { countProperty, optionalTextProperty, textProperty, type Untrusted } from '../property';

/** What the plan decided, as it stands in the alias's properties. */
export interface Release {
  readonly promptId: string;
  readonly promptName: string;
  readonly aliasName: string;
  readonly to: ReleasedVersion | null;
  /** ARN of `to`, or `none`. */
  readonly versionArn: string;
  readonly withdrawn: readonly number[];
  /** The ledger's head when the plan was made. */
  readonly revision: number;
  /** The alias's own gates, as JSON. */
  readonly ownGates: string;
  /** What callers must name; undefined for none. */
  readonly guardrail: string | undefined;
}

export function releaseFrom(properties: Untrusted<PromptAliasProperties>): Release {
  const version = textProperty(properties, 'Version');
  return {
    promptId: textProperty(properties, 'PromptId'),
    promptName: textProperty(properties, 'PromptName'),
    aliasName: textProperty(properties, 'AliasName'),
    to:
      version === NO_VERSION
        ? null
        : {
            version: countProperty(properties, 'Version'),
            digest: textProperty(properties, 'ContentDigest'),
            model: textProperty(properties, 'ModelId') || null,
          },
    versionArn: textProperty(properties, 'VersionArn'),
    withdrawn: parseWithdrawnVersions(textProperty(properties, 'WithdrawnVersions')),
    revision: countProperty(properties, 'Revision'),
    ownGates: optionalTextProperty(properties, 'Gates', '[]'),
    guardrail: guardrailProperty(properties),
  };
}

function guardrailProperty(properties: Untrusted<PromptAliasProperties>): string | undefined {
  const named = optionalTextProperty(properties, 'Guardrail', NO_VERSION);
  return named === NO_VERSION ? undefined : named;
}

/** What a change from the ledger's head to this state is called; `abandon` where nothing changes. */
export function releaseKind(
  before: Pick<LedgerRecord, 'to' | 'withdrawn'> | undefined,
  to: ReleasedVersion | null,
  withdrawn: readonly number[],
): ReleaseKind {
  const from = before?.to ?? null;
  if (from !== null && to === null) return 'remove';
  if (to !== null && (from === null || to.version > from.version)) return 'promote';
  if (to !== null && from !== null && to.version < from.version) return 'rollback';
  return String(withdrawn) === String(before?.withdrawn ?? []) ? 'abandon' : 'withdraw';
}

import { NO_VERSION } from '../../core/contract/no-version';
import type { PromptAliasProperties } from '../../core/contract/prompt-alias-resource';
import type { Places } from '../../core/ledger/places';
import type { ReleasedVersion, ReleaseKind } from '../../core/ledger/record';
import type { Rollout } from '../../core/ledger/record-schema-2';
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
  /** What it is to roll out meanwhile. */
  readonly candidate: ReleasedVersion | null;
  /** How it rolls out, as JSON; undefined where it does not. */
  readonly settings: string | undefined;
}

export function releaseFrom(properties: Untrusted<PromptAliasProperties>): Release {
  const settings = optionalTextProperty(properties, 'Rollout', '') || undefined;
  return {
    promptId: textProperty(properties, 'PromptId'),
    promptName: textProperty(properties, 'PromptName'),
    aliasName: textProperty(properties, 'AliasName'),
    to: placeFrom(properties, 'Version', 'ContentDigest', 'ModelId'),
    versionArn: textProperty(properties, 'VersionArn'),
    withdrawn: parseWithdrawnVersions(textProperty(properties, 'WithdrawnVersions')),
    revision: countProperty(properties, 'Revision'),
    ownGates: optionalTextProperty(properties, 'Gates', '[]'),
    guardrail: guardrailProperty(properties),
    settings,
    candidate: settings === undefined ? null : placeFrom(properties, 'Candidate', 'CandidateDigest', 'CandidateModel'),
  };
}

type Name = keyof PromptAliasProperties;

function placeFrom(
  properties: Untrusted<PromptAliasProperties>,
  version: Name,
  digest: Name,
  model: Name,
): ReleasedVersion | null {
  if (textProperty(properties, version) === NO_VERSION) return null;
  return {
    version: countProperty(properties, version),
    digest: textProperty(properties, digest),
    model: textProperty(properties, model) || null,
  };
}

function guardrailProperty(properties: Untrusted<PromptAliasProperties>): string | undefined {
  const named = optionalTextProperty(properties, 'Guardrail', NO_VERSION);
  return named === NO_VERSION ? undefined : named;
}

/** What a change from the ledger's head to this state is called; `abandon` where nothing changes. */
export function releaseKind(
  before: Pick<Places, 'to' | 'withdrawn' | 'rollout'> | undefined,
  to: ReleasedVersion | null,
  withdrawn: readonly number[],
  rollout: Rollout | null = null,
): ReleaseKind | 'rollout' {
  const from = before?.to ?? null;
  if (from !== null && to === null) return 'remove';
  if (to !== null && (from === null || to.version > from.version)) return 'promote';
  if (to !== null && from !== null && to.version < from.version) return 'rollback';
  if (rollout?.plan !== before?.rollout?.plan) return 'rollout';
  return String(withdrawn) === String(before?.withdrawn ?? []) ? 'abandon' : 'withdraw';
}

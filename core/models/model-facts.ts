import { modelIdentifier } from './model-identifier';

/** What Bedrock says of the model of a version, as of one moment. */
export interface ModelFacts {
  /** As the version names it. */
  readonly id: string;
  /** The foundation model that it leads to; null where it is not known. */
  readonly model: string | null;
  /**
   * Bedrock's own word (ACTIVE, LEGACY), or `UNKNOWN`: Bedrock has neither a model nor a profile of that name, `UNREAD`: it
   * did not say, `OWN`: provisioned, custom or imported, of which it tells no end.
   */
  readonly status: string;
  /** ISO 8601; null where no end is announced or known. */
  readonly ends: string | null;
  /** When it was read, ISO 8601. */
  readonly read: string;
  /** Why it is `UNREAD`. */
  readonly problem?: string;
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_FoundationModelLifecycle.html */
export interface ModelLife {
  readonly status: string;
  readonly ends?: Date | undefined;
}

/** Bedrock, as far as models go. */
export interface ModelSource {
  /** By id or ARN; undefined where Bedrock has no such model in this Region. */
  model(identifier: string): Promise<ModelLife | undefined>;
  /** ARNs of the models behind a profile, by id or ARN; undefined where there is none. */
  profile(identifier: string): Promise<readonly string[] | undefined>;
}

/**
 * What Bedrock says of a model. Never fails: lifecycles are advice, and what cannot be read stops nobody.
 *
 * A profile has no lifecycle of its own: https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles.html
 */
export async function readModelFacts(id: string, source: ModelSource, now: Date): Promise<ModelFacts> {
  const facts = (model: string | null, life: Partial<ModelLife> | undefined, without: string): ModelFacts => ({
    id,
    model,
    status: life?.status ?? without,
    ends: life?.ends?.toISOString() ?? null,
    read: now.toISOString(),
  });
  const named = modelIdentifier(id);
  if (named.kind === 'own') return facts(null, undefined, 'OWN');
  try {
    const isModel = named.kind === 'id' || named.kind === 'model';
    const direct = isModel ? await source.model(id) : undefined;
    if (direct || named.kind === 'model') return facts(named.id, direct, 'UNKNOWN');
    const [arn] = (await source.profile(id)) ?? [];
    if (arn === undefined) return facts(null, undefined, 'UNKNOWN');
    const model = arn.slice(arn.lastIndexOf('/') + 1);
    // A profile may lead to a model that its own Region does not list, and so may know more than this Region says.
    return facts(model, await source.model(model), 'UNREAD');
  } catch (error) {
    return { ...facts(null, undefined, 'UNREAD'), problem: error instanceof Error ? error.name : String(error) };
  }
}

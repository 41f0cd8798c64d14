import { modelIdentifier } from './model-identifier';
import { withoutGeography } from './model-route';

/**
 * `anthropic.claude`, `amazon.nova`, `meta.llama`; undefined where the text names no model that one could tell it by, such as
 * an application's profile.
 */
export function modelFamily(model: string): string | undefined {
  const { kind, id } = modelIdentifier(model);
  if (kind === 'application-profile' || kind === 'own') return undefined;
  return /^[a-z0-9]+\.[a-z]+/.exec(withoutGeography(id))?.[0];
}

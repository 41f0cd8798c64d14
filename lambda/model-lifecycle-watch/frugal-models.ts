import type { ModelLife, ModelSource } from '../../core/models/model-facts';
import { modelIdentifier } from '../../core/models/model-identifier';
import { modelRoute } from '../../core/models/model-route';

/**
 * Asks for each model once, however many routes lead to it, and for none by the id of a profile.
 *
 * Kept for one run: what Bedrock did not answer is asked again on the next day.
 */
export function frugalModels(source: ModelSource): ModelSource {
  const asked = new Map<string, Promise<ModelLife | undefined>>();
  return {
    model: async (identifier) => {
      const { kind, id } = modelIdentifier(identifier);
      if (kind === 'id' && modelRoute(identifier) !== 'on-demand') return undefined;
      const answer = asked.get(id) ?? source.model(identifier);
      asked.set(id, answer);
      return answer;
    },
    profile: (identifier) => source.profile(identifier),
  };
}

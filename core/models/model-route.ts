import { modelIdentifier } from './model-identifier';

/** How a model is reached: by its own id, through a profile, or as something of the account's own. */
export type ModelRoute = 'on-demand' | 'application-profile' | 'provisioned-model' | 'custom-model' | (string & {});

/** https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html */
const GEOGRAPHY = /^(us|us-gov|eu|apac|au|ca|jp|global)\./;

/** The model behind a profile's id: `amazon.nova-pro-v1:0` of `us.amazon.nova-pro-v1:0`. */
export function withoutGeography(id: string): string {
  return id.replace(GEOGRAPHY, '');
}

/** `on-demand`, the geography of a profile (`us`, `global`), or the kind of resource that an ARN names. */
export function modelRoute(identifier: string): ModelRoute {
  const { kind, id } = modelIdentifier(identifier);
  if (kind === 'application-profile') return 'application-profile';
  if (kind === 'own') return /^arn:[^:]*:[^:]*:[^:]*:[^:]*:([a-z-]+)[/:]/.exec(id)?.[1] ?? 'other';
  return (kind !== 'model' && GEOGRAPHY.exec(id)?.[1]) || 'on-demand';
}

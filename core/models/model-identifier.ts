/** What a prompt's `model` names, as far as its text alone says. */
export type ModelIdentifier =
  | { readonly kind: 'id'; readonly id: string }
  /** A foundation model of a Region, by its ARN. */
  | { readonly kind: 'model'; readonly id: string; readonly region: string }
  | { readonly kind: 'profile'; readonly id: string; readonly region: string; readonly account: string }
  | {
      readonly kind: 'application-profile';
      readonly id: string;
      readonly region: string;
      readonly account: string;
    }
  /** Provisioned throughput, custom and imported models, prompt routers, endpoints: nothing that a Region lists. */
  | { readonly kind: 'own'; readonly id: string };

const ARN = /^arn:[^:]+:bedrock:([^:]*):([^:]*):([a-z-]+)\/(.+)$/;

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html#amazonbedrock-resources-for-iam-policies */
export function modelIdentifier(text: string): ModelIdentifier {
  if (!text.startsWith('arn:')) return { kind: 'id', id: text };
  const [, region = '', account = '', type, name = ''] = ARN.exec(text) ?? [];
  switch (type) {
    case 'foundation-model':
      return { kind: 'model', id: name, region };
    case 'inference-profile':
      return { kind: 'profile', id: name, region, account };
    case 'application-inference-profile':
      return { kind: 'application-profile', id: text, region, account };
    default:
      return { kind: 'own', id: text };
  }
}

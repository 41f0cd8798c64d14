import type { CustomResource, IResolvable } from 'aws-cdk-lib';

/** The properties of a custom resource, with tokens where values are not known at synth. */
type WithTokens<Properties> = { readonly [Name in keyof Properties]: Properties[Name] | IResolvable };

/** Holds the properties of a custom resource to their contract: what the handler reads is what is written here. */
export function properties<Properties>(written: WithTokens<Properties>): { [name: string]: unknown } {
  return { ...written };
}

/** An attribute that the handler answers. */
export function attribute<Attribute extends string>(resource: CustomResource, name: NoInfer<Attribute>): string {
  return resource.getAttString(name);
}

import {
  CfnResource,
  DefaultTokenResolver,
  type IResolvable,
  type IResolveContext,
  Reference,
  StringConcat,
  Tokenization,
} from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** The resources of this app that a value refers to, by itself. */
export function referencedResources(scope: IConstruct, value: unknown): Set<CfnResource> {
  const found = new Set<CfnResource>();
  class Collector extends DefaultTokenResolver {
    public override resolveToken(token: IResolvable, context: IResolveContext, postProcessor: never) {
      if (Reference.isReference(token) && CfnResource.isCfnResource(token.target)) found.add(token.target);
      return super.resolveToken(token, context, postProcessor);
    }
  }
  Tokenization.resolve(value, { scope, resolver: new Collector(new StringConcat()), preparing: true });
  return found;
}

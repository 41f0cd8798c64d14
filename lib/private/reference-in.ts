import { CfnResource, Reference, Tokenization } from 'aws-cdk-lib';

/** The attribute of a resource that a text stands for; undefined for any other text. */
export function referenceIn(
  text: string,
): { readonly attribute: string; readonly type: string | undefined } | undefined {
  const { firstToken, length } = Tokenization.reverseString(text);
  if (length !== 1 || !Reference.isReference(firstToken)) return undefined;
  const { displayName, target } = firstToken;
  return { attribute: displayName, type: CfnResource.isCfnResource(target) ? target.cfnResourceType : undefined };
}

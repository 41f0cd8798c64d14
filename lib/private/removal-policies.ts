import { Annotations, CfnDeletionPolicy, CfnResource, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

interface RemovalPolicies {
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

/** What the template says of a resource's end; aspects and overrides set it as well. Nothing else is resolved for it. */
function removalPolicies(resource: CfnResource): RemovalPolicies {
  const { cfnOptions, rawOverrides } = resource as unknown as ResourceInternals;
  const { DeletionPolicy, UpdateReplacePolicy } = {
    DeletionPolicy: cfnOptions.deletionPolicy,
    UpdateReplacePolicy: cfnOptions.updateReplacePolicy,
    ...rawOverrides,
  };
  return Stack.of(resource).resolve({ DeletionPolicy, UpdateReplacePolicy });
}

/** What CDK itself writes the resource with. */
interface ResourceInternals {
  readonly cfnOptions: CfnResource['cfnOptions'];
  readonly rawOverrides: RemovalPolicies;
}

const RETAINED: readonly unknown[] = [CfnDeletionPolicy.RETAIN, CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE];

function isRetained(resource: CfnResource): boolean {
  return RETAINED.includes(removalPolicies(resource).DeletionPolicy);
}

/** Whether CloudFormation keeps the resource when it leaves the template and when it is replaced. */
export function outlivesItsStack(resource: CfnResource): boolean {
  return isRetained(resource) && RETAINED.includes(removalPolicies(resource).UpdateReplacePolicy);
}

/** Says at synth that a prompt would be deleted: Bedrock deletes all its versions with it, released ones too. */
export function warnOfDeletion(scope: IConstruct, prompt: CfnResource, promptName: string, warning: string): void {
  // At the end of the synthesis: RemovalPolicies.of() is an aspect.
  const validate = () => {
    if (!outlivesItsStack(prompt)) {
      Annotations.of(scope).addWarningV2(
        `cdk-prompt-registry:${warning}`,
        `${prompt.node.path} goes with its stack or when it is replaced, and all versions of ${promptName} with it, released ones too: set its removal policy to RETAIN_ON_UPDATE_OR_DELETE`,
      );
    }
    return [];
  };
  scope.node.addValidation({ validate });
}

/** Says at synth what an environment that is thrown away leaves behind. */
export function warnOfLedgerThatStays(registry: IConstruct): void {
  Annotations.of(registry).addWarningV2(
    'cdk-prompt-registry:ledgerStays',
    'removalPolicy is DESTROY: cdk destroy deletes the prompts with all their versions and the log groups, but not the ledger bucket, whose policy lets nobody delete a record; each deployment after a destroy makes a new bucket. docs/operations.md says how to empty and delete the old one by hand',
  );
}

/**
 * Says at synth that an alias would stay behind when it is removed from the app: its parameter and its policies in use,
 * and without a record that it was removed.
 */
export function warnOfRetention(alias: IConstruct, aliasName: string, promptName: string): void {
  const validate = () => {
    const kept = alias.node
      .findAll()
      .filter((child) => CfnResource.isCfnResource(child))
      .filter(isRetained);
    const types = [...new Set(kept.map(({ cfnResourceType }) => cfnResourceType))];
    if (types.length > 0) {
      Annotations.of(alias).addWarningV2(
        'cdk-prompt-registry:aliasRetained',
        `expected CloudFormation to delete what belongs to the alias ${aliasName} of ${promptName} when the alias is removed, found that it retains ${types.join(', ')}: callers would go on using the version, or the ledger would not say that the alias was removed; leave these types out, such as RemovalPolicies.of(stack).retain({ excludeResourceTypes: ${JSON.stringify(types)} })`,
      );
    }
    return [];
  };
  alias.node.addValidation({ validate });
}

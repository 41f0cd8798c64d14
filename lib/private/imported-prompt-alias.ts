import { Resource, Stack } from 'aws-cdk-lib';
import { type IManagedPolicy, ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import {
  callerPolicyName,
  checkAliasName,
  checkParameterPrefix,
  checkPromptName,
  parameterName,
} from '../../core/contract/names';
import type { IPromptAlias } from '../i-prompt-alias';
import { PromptAliasGrants } from '../prompt-alias-grants';
import type { PromptAliasNames } from '../prompt-alias-names';
import { clientEnvironment } from './client-environment';
import { atConstruct } from './construct-error';
import { checkLiteral } from './literal-name';

/** An alias that another stack or app defines: its names lead to its parameter and its policies. */
export class ImportedPromptAlias extends Resource implements IPromptAlias {
  public readonly aliasName: string;
  public readonly promptName: string;
  public readonly parameterName: string;
  public readonly callerPolicy: IManagedPolicy;
  public readonly readerPolicy: IManagedPolicy;
  public readonly grants: PromptAliasGrants;

  constructor(scope: Construct, id: string, names: PromptAliasNames) {
    super(scope, id);
    for (const [key, value] of Object.entries(names)) {
      checkLiteral(this, key, value);
    }
    atConstruct(this, () => {
      checkParameterPrefix(names.parameterPrefix);
      checkPromptName(names.promptName);
      checkAliasName(names.aliasName);
    });
    this.aliasName = names.aliasName;
    this.promptName = names.promptName;
    this.parameterName = parameterName(names.parameterPrefix, names.promptName, names.aliasName);
    const policy = (policyId: string, access: 'invoke' | 'read') =>
      ManagedPolicy.fromManagedPolicyName(
        this,
        policyId,
        callerPolicyName({ ...names, region: Stack.of(this).region, access }),
      );
    this.callerPolicy = policy('CallerPolicy', 'invoke');
    this.readerPolicy = policy('ReaderPolicy', 'read');
    this.grants = PromptAliasGrants.fromAlias(this);
  }

  public get clientEnvironment(): { [name: string]: string } {
    return clientEnvironment(this);
  }
}

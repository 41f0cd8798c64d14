import { Resource, Token } from 'aws-cdk-lib';
import type { aws_bedrock, aws_kms } from 'aws-cdk-lib/interfaces';
import { checkPromptName, withdrawnParameterId } from '../../core/contract/names';
import type { IPrompt } from '../i-prompt';
import { PromptAlias, type PromptAliasOptions } from '../prompt-alias';
import type { IPromptRegistry } from '../prompt-registry';
import type { PromptVersion } from '../prompt-version';
import { claimInEnvironment, claimInStack } from './claimed-name';
import { atConstruct, constructError } from './construct-error';
import { refuseSecondName } from './names-in-bedrock';
import { refuseNestedStack } from './nested-stack';

/** What a prompt of this app and one that was there before have in common. */
export abstract class PromptBase extends Resource implements IPrompt {
  public abstract readonly registry: IPromptRegistry;
  public abstract readonly promptName: string;
  public abstract readonly promptId: string;
  public abstract readonly promptArn: string;
  public abstract readonly encryptionKey?: aws_kms.IKeyRef;
  public abstract readonly currentVersion?: PromptVersion;

  /** The reference by which constructs of aws-cdk-lib know a prompt. */
  public get promptRef(): aws_bedrock.PromptReference {
    return { promptArn: this.promptArn };
  }

  /** Defines an alias of this prompt, such as `STAGING` or `PROD`. */
  public addAlias(aliasName: string, options: PromptAliasOptions = {}): PromptAlias {
    return new PromptAlias(this, aliasName, { prompt: this, aliasName, ...options });
  }

  /** @internal */
  protected _claimName(registry: IPromptRegistry, name: string | undefined, missing: string): string {
    refuseNestedStack(this, 'a prompt');
    if (name === undefined) {
      throw constructError(this, 'InvalidPromptName', `expected a promptName, found none: ${missing}`);
    }
    if (Token.isUnresolved(name)) {
      throw constructError(
        this,
        'InvalidPromptName',
        'expected a promptName that is known at synth, found a token: logical ids and policy names are made of it, so write it out',
      );
    }
    atConstruct(this, () => checkPromptName(name));
    claimInEnvironment(this, `prompt ${registry.parameterPrefix}/${name}`, `the prompt ${name}`);
    refuseSecondName(this);
    claimInStack(this, `parameter ${withdrawnParameterId(name)}`, `the parameter ${withdrawnParameterId(name)}`);
    return name;
  }
}

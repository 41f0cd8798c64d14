import type { IResource } from 'aws-cdk-lib';
import type { IManagedPolicy } from 'aws-cdk-lib/aws-iam';

/** What a grant has to know of an alias. */
export interface GrantableAlias extends IResource {
  /** Name of the alias, such as `PROD`. */
  readonly aliasName: string;

  /** Name of the prompt in Bedrock. */
  readonly promptName: string;

  /** Name of the SSM parameter whose value is the ARN of the version, or `none`: `/prompts/prod/financial-analysis/PROD`. */
  readonly parameterName: string;

  /** The managed policy that allows to run the alias. */
  readonly callerPolicy: IManagedPolicy;

  /** The managed policy that allows to read the alias. It exists once it is asked for where the alias is defined. */
  readonly readerPolicy: IManagedPolicy;

  /**
   * ARN of the function that halts its rollouts.
   *
   * @default - the alias has no rollout, or was defined by another app
   */
  readonly rolloutControllerArn?: string;
}

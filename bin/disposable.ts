import { type App, RemovalPolicies, Tags } from 'aws-cdk-lib';

/** Tag of everything that `-c disposable=true` makes; its value is the environment's name. */
export const DISPOSABLE_TAG = 'prompt-registry-disposable';

/** An environment that need not be in cdk.json: in the deployer's account and Region, under a prefix of its own. */
export function disposableEnvironment(name: string) {
  const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;
  if (!account || !region) {
    throw new Error('expected credentials and a Region to deploy with, found none: name a profile with --profile');
  }
  const aliases = { STAGING: 'current', PROD: 'parameter' } as const;
  return { account, region, parameterPrefix: `/prompts/${name}`, aliases };
}

/**
 * Lets `cdk destroy` take along what is kept otherwise: prompts with their versions, log groups.
 *
 * Buckets stay. While the stack goes every alias writes its last record, so the ledger's cannot be empty when its turn
 * comes, and its policy refuses deletions to everyone: take the policy off, empty it, and delete it afterwards.
 */
export function makeDisposable(app: App, name: string): void {
  RemovalPolicies.of(app).destroy({ excludeResourceTypes: ['AWS::S3::Bucket', 'AWS::S3::BucketPolicy'] });
  Tags.of(app).add(DISPOSABLE_TAG, name);
}

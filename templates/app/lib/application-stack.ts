import { join } from 'node:path';
import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { PromptAlias } from 'cdk-prompt-registry';
import type { Construct } from 'constructs';
import type { Environment } from './environment';

/** A consumer of the prompts. It knows names only, so it could be another team's. */
export class ApplicationStack extends Stack {
  constructor(scope: Construct, id: string, { parameterPrefix, alias: aliasName }: Environment, props?: StackProps) {
    super(scope, id, props);
    const fn = new NodejsFunction(this, 'Function', {
      entry: join(__dirname, '../src/handler.ts'),
      runtime: Runtime.NODEJS_24_X,
      timeout: Duration.minutes(1),
      // The AWS SDK goes into the bundle: it is the one that was tested.
      bundling: { externalModules: [], minify: true },
    });
    for (const promptName of ['greeting', 'support']) {
      const alias = PromptAlias.fromAliasName(this, promptName, { parameterPrefix, promptName, aliasName });
      // The right to the released versions, and the environment that the client reads.
      alias.grants.invoke(fn);
    }
    new CfnOutput(this, 'FunctionName', { value: fn.functionName });
  }
}

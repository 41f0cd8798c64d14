import { Code, type FunctionProps, Runtime } from 'aws-cdk-lib/aws-lambda';
import { handlerBundle } from './handler-bundle';

/**
 * What all functions of a registry have in common: they are bundles of this package, and say whose they are.
 *
 * @param folder with the code @default - the bundle's own
 */
export function bundledFunction(
  bundle: string,
  parameterPrefix: string,
  folder = handlerBundle(bundle),
): Pick<FunctionProps, 'runtime' | 'handler' | 'code' | 'description'> {
  return {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromAsset(folder),
    description: `cdk-prompt-registry ${bundle} ${parameterPrefix}`,
  };
}

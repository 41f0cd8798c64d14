import type { DeploymentConfig } from '@aws-sdk/client-cloudformation';
import { notImplemented } from '../aws-error';

/** The CDK CLI names the mode with every request: only the standard one, with rollback, is here. */
export function refuseExpress(configuration: DeploymentConfig | undefined): void {
  if (configuration?.Mode === 'EXPRESS' || configuration?.DisableRollback) {
    throw notImplemented('deployments in express mode or without rollback');
  }
}

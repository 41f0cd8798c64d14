import type { Datum } from '../cloudwatch/metric-store';
import type { Authorizer } from '../iam/authorizer';
import type { Outstanding } from '../outstanding';
import { roleSession } from '../sts/role-session';
import { type RoleDirectory, roleNameOf } from '../sts/sts';
import type { LambdaFunction } from './lambda-functions';

export interface LoggedMetricsOptions {
  readonly account: string;
  readonly authorizer: Authorizer;
  readonly roles: RoleDirectory;
  readonly outstanding: Outstanding;
  readonly now: () => Date;
  /** The metrics of a line. */
  readonly read: (line: string) => readonly Datum[];
  readonly add: (datum: Datum) => void;
}

/**
 * Takes the metrics out of the lines that functions log. A function whose role may not write to its log group has no log,
 * and so no metrics: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
 */
export function loggedMetrics(options: LoggedMetricsOptions): (line: string, of: LambdaFunction) => void {
  const { account, authorizer, roles, outstanding, now, read, add } = options;
  const mayLog = async ({ name, region, settings }: LambdaFunction) => {
    const { LoggingConfig } = settings.shown as { LoggingConfig?: { LogGroup?: string } };
    const group = LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`;
    const resource = `arn:aws:logs:${region}:${account}:log-group:${group}:log-stream:${name}`;
    const role = roleNameOf(settings.Role);
    const session = { account, role: { name: role, ...roles.identity(role) }, sessionName: name, created: now() };
    await authorizer.require(roleSession(session), region, { action: 'logs:PutLogEvents', resource });
  };
  return (line, of) => {
    const data = read(line);
    if (data.length > 0) {
      outstanding.begin();
      mayLog(of)
        .then(
          () => data.forEach(add),
          () => {},
        )
        .finally(() => outstanding.end());
    }
  };
}

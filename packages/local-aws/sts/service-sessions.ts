import { randomUUID } from 'node:crypto';
import type { EndedCall } from '../call';
import type { Credentials } from '../iam/principal';
import type { CredentialStore } from './credential-store';
import { roleSession } from './role-session';
import { assumedRole, type RoleDirectory, roleNameOf } from './sts';

export interface ServiceSessionsOptions {
  readonly account: string;
  readonly region: string;
  readonly credentials: CredentialStore;
  readonly roles: RoleDirectory;
  readonly now: () => Date;
  /** Told of every `AssumeRole`, which no request of the endpoint's port stands behind. */
  readonly ended?: (call: EndedCall) => void;
}

/** Roles that AWS services assume by themselves: Lambda a function's, CloudFormation the one a stack is deployed with. */
export class ServiceSessions {
  constructor(private readonly options: ServiceSessionsOptions) {}

  /** The role's trust is looked at before, or was when the function was made. Requests count as sent by `sender`. */
  assume(service: string, roleArn: string, sessionName: string, sender?: string): Credentials {
    const { account, region, credentials, roles, now } = this.options;
    const name = roleNameOf(roleArn);
    const created = now();
    const principal = roleSession({ account, role: { name, ...roles.identity(name) }, sessionName, created });
    const issued = credentials.issue({ ...principal, invokedBy: sender });
    this.options.ended?.({
      ...{ requestId: randomUUID(), time: created, region, service: 'sts', operation: 'AssumeRole' },
      principal: { arn: service, account, service: {} },
      input: { RoleArn: roleArn, RoleSessionName: sessionName },
      output: assumedRole(principal, issued, new Date(created.getTime() + 3_600_000)),
    });
    return issued;
  }
}

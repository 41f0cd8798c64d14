/** Who made a call, as CloudTrail's `userIdentity` has it: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html */
export interface TrailIdentity {
  /** `IAMUser`, `AssumedRole`, `Root`, `SAMLUser`, `WebIdentityUser`, `AWSService`, `AWSAccount`, … */
  readonly type: string;
  readonly arn: string | null;
  readonly account: string | null;
  readonly principalId: string | null;
  readonly userName: string | null;
  readonly accessKeyId: string | null;
  /** ARN of the role behind a session. */
  readonly roleArn: string | null;
  /** When the session's credentials were issued. */
  readonly issued: string | null;
  readonly sourceIdentity: string | null;
  /** `cloudformation.amazonaws.com`, where a service made the call for somebody. */
  readonly invokedBy: string | null;
}

/** One event of CloudTrail, as far as an audit looks at it. */
export interface TrailEvent {
  readonly id: string;
  readonly name: string;
  /** `ssm.amazonaws.com` */
  readonly source: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly region: string;
  readonly identity: TrailIdentity;
  readonly request: Readonly<Record<string, unknown>>;
  readonly response: Readonly<Record<string, unknown>>;
  /** ARNs of the resources that the event names. */
  readonly resources: readonly string[];
  readonly errorCode: string | null;
  /** The service's own id of the request. */
  readonly requestId: string | null;
}

/** Reads one record of a log file, or the `CloudTrailEvent` of an event history; undefined for what is none. */
export function trailEvent(value: unknown): TrailEvent | undefined {
  const record = object(value);
  const [id, name, time] = [text(record.eventID), text(record.eventName), text(record.eventTime)];
  if (id === null || name === null || time === null || Number.isNaN(Date.parse(time))) return undefined;
  return {
    id,
    name,
    time: new Date(time).toISOString(),
    source: text(record.eventSource) ?? '',
    region: text(record.awsRegion) ?? '',
    identity: identityOf(object(record.userIdentity)),
    request: object(record.requestParameters),
    response: object(record.responseElements),
    resources: list(record.resources).flatMap((resource) => {
      const found = object(resource);
      return text(found.ARN) ?? text(found.arn) ?? [];
    }),
    errorCode: text(record.errorCode),
    requestId: text(record.requestID),
  };
}

function identityOf(identity: Record<string, unknown>): TrailIdentity {
  const session = object(identity.sessionContext);
  const issued = text(object(session.attributes).creationDate);
  return {
    type: text(identity.type) ?? '',
    arn: text(identity.arn),
    account: text(identity.accountId),
    principalId: text(identity.principalId),
    userName: text(identity.userName),
    accessKeyId: text(identity.accessKeyId),
    roleArn: text(object(session.sessionIssuer).arn),
    issued: issued !== null && !Number.isNaN(Date.parse(issued)) ? new Date(issued).toISOString() : null,
    sourceIdentity: text(session.sourceIdentity),
    invokedBy: text(identity.invokedBy),
  };
}

/** The last part of an ARN's path: a role's name, a session's name. */
export function lastPart(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** Name of the role behind a session; null for an identity that is none. */
export function roleName({ roleArn, arn }: Pick<TrailIdentity, 'roleArn' | 'arn'>): string | null {
  if (roleArn !== null) return lastPart(roleArn);
  return /:assumed-role\/([^/]+)\//.exec(arn ?? '')?.[1] ?? null;
}

/** The session's name, which the one who assumed the role chose. */
export function sessionName({ arn }: TrailIdentity): string | null {
  return /:assumed-role\/[^/]+\/(.+)$/.exec(arn ?? '')?.[1] ?? null;
}

/** One name for who it was, as short as can be told apart: an ARN, else what there is. */
export function actorName(identity: TrailIdentity): string {
  const { arn, userName, invokedBy, principalId, account, type } = identity;
  return arn ?? userName ?? invokedBy ?? principalId ?? (account ? `account ${account}` : type || 'nobody named');
}

export function object(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

export function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

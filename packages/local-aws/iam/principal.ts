/** Who signs a request. */
export interface Principal {
  /** ARN as CloudTrail shows it: a user's, or `arn:aws:sts::…:assumed-role/NAME/SESSION`; of a service its host name. */
  readonly arn: string;
  readonly account: string;
  /** The role behind a session; its policies are what counts. */
  readonly roleName?: string;
  /** Policies of a principal that has no role: a user. */
  readonly policies?: readonly object[];
  /** How a session came to be. */
  readonly session?: RoleSession;
  /** Set for a service that acts by itself, such as `cloudtrail.amazonaws.com`. */
  readonly service?: ActingService;
  /** The service that sends the requests in this principal's name: `cloudformation.amazonaws.com`. */
  readonly invokedBy?: string;
  /** The key that CloudTrail shows where a service sends the requests. @default the one that signed */
  readonly shownAccessKeyId?: string;
}

export interface ActingService {
  /** For whose sake: `aws:SourceArn`. */
  readonly sourceArn?: string;
}

/** A role's session as its `AssumeRole` made it. */
export interface RoleSession {
  /** `AROA…` */
  readonly roleId: string;
  /** With the role's path, which the session's own ARN lacks. */
  readonly roleArn: string;
  readonly name: string;
  readonly created: Date;
  /** Set once, it goes along through every further role of the chain. */
  readonly sourceIdentity?: string;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

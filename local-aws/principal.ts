/** Who signs a request. */
export interface Principal {
  /** ARN as CloudTrail shows it: a user's, or `arn:aws:sts::…:assumed-role/NAME/SESSION`. */
  readonly arn: string;
  readonly account: string;
  /** The role behind a session; its policies are what counts. */
  readonly roleName?: string;
  /** Policies of a principal that has no role: the endpoint's own operator. */
  readonly policies?: readonly object[];
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** `Custom::ReleaseReason`: writes down why a stack operation was started. */
export const RELEASE_REASON_TYPE = 'Custom::ReleaseReason';

/** Its properties, as the constructs write and the handler reads them. Deployed stacks hold them: a format. */
export interface ReleaseReasonProperties {
  /** Changes when a rule changes, so that every such resource is asked anew. */
  readonly Schema: string;
  readonly Reason: string;
}

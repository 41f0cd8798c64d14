import type { HANDLER_ROLES, HandlerName } from './handler-name';

type HandlerRole = (typeof HANDLER_ROLES)[HandlerName];

/** The two roles that the handlers work with. */
export type WriterRole = 'Publisher' | 'Releaser';

/**
 * What a resource is to the registry: the readable end of its logical id. Deployed stacks hold these ids, and the
 * command finds resources by them: a format.
 */
export type LogicalIdRole =
  /** Of a registry. */
  | 'Ledger'
  | 'LedgerPolicy'
  | 'ReleaseReason'
  | 'ReviewerPolicy'
  | `${WriterRole}Role`
  | `${WriterRole}Prompts`
  | `${WriterRole}PromptsPart${number}Policy`
  | HandlerRole
  | `${HandlerRole}Logs`
  | `${HandlerRole}Invocation`
  /** Of its controller of rollouts. */
  | 'Controller'
  | 'ControllerRole'
  | 'ControllerLogs'
  | 'ControllerInvocation'
  /** Of a prompt. */
  | 'Prompt'
  | 'Version'
  /** Of an alias. */
  | 'ReleasePlan'
  | 'CallerPolicy'
  | 'ReaderPolicy'
  | 'Alias'
  | 'Parameter'
  | 'Rollout'
  | 'RolloutProgress'
  | 'GuardrailParameter'
  /** Of an audit trail. */
  | 'AuditBucket'
  | 'AuditBucketPolicy'
  | 'AuditKey'
  | 'AuditTrail';

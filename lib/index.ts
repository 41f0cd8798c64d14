export { RegistryError } from '../core/registry-error';
export type { RegistryErrorCode } from '../core/registry-error-codes';
export type { AdoptedPromptProps } from './adopted-prompt-props';
export { AliasGuardrail } from './alias-guardrail';
export { AliasTarget } from './alias-target';
export type { AuditableTrail } from './auditable-trail';
export { AuditorGrants } from './auditor-grants';
export { CallableVersionsGuard, type CallableVersionsGuardProps } from './callable-versions-guard';
export { CombinedCallerPolicy, type CombinedCallerPolicyProps } from './combined-caller-policy';
export { type ApprovalGateProps, type EvaluationGateProps, Gate, type ModelGateProps } from './gate';
export type { GrantableAlias } from './grantable-alias';
export { Guard } from './guard';
export type { IPrompt } from './i-prompt';
export type { IPromptAlias } from './i-prompt-alias';
export { LangfuseEndpoint, type LangfuseEndpointProps, type LangfuseKeyOptions } from './langfuse-endpoint';
export { LangfuseFront, type LangfuseHttpApiOptions } from './langfuse-front';
export { ModelCatalog } from './model-catalog';
export { ModelGuard, type ModelGuardProps } from './model-guard';
export { ModelLifecycleWatch, type ModelLifecycleWatchProps } from './model-lifecycle-watch';
export { Prompt, type PromptProps } from './prompt';
export {
  PromptAlias,
  type PromptAliasOptions,
  type PromptAliasProps,
} from './prompt-alias';
export { PromptAliasGrants } from './prompt-alias-grants';
export type { PromptAliasNames } from './prompt-alias-names';
export { PromptAuditTrail, type PromptAuditTrailProps } from './prompt-audit-trail';
export { PromptBlock } from './prompt-block';
export { PromptChangeNotifications, type PromptChangeNotificationsProps } from './prompt-change-notifications';
export { PromptDashboard, type PromptDashboardProps } from './prompt-dashboard';
export { type EvaluatedPrompt, PromptEvaluator, type PromptEvaluatorProps } from './prompt-evaluator';
export { PromptMessage } from './prompt-message';
export {
  type IPromptRegistry,
  PromptRegistry,
  type PromptRegistryAttributes,
  type PromptRegistryHandlers,
  type PromptRegistryProps,
  type PromptRegistryRollouts,
} from './prompt-registry';
export { PromptTool, type PromptToolSpec } from './prompt-tool';
export { PromptToolChoice } from './prompt-tool-choice';
export {
  type ChatPromptVariantOptions,
  type FilePromptVariantOptions,
  type PromptInference,
  PromptVariant,
  type PromptVariantOptions,
  type TextPromptVariantOptions,
} from './prompt-variant';
export { PromptVersion, type PromptVersionProps } from './prompt-version';
export type { PublishedContent, ReleasablePrompt } from './releasable-prompt';
export { Rollout, RolloutKey, type RolloutSplitProps, type RolloutStepsProps } from './rollout';

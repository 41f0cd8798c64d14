export { RegistryError } from '../core/registry-error';
export type { RegistryErrorCode } from '../core/registry-error-codes';
export { AliasTarget } from './alias-target';
export { AuditorGrants } from './auditor-grants';
export { CallableVersionsGuard, type CallableVersionsGuardProps } from './callable-versions-guard';
export { CombinedCallerPolicy, type CombinedCallerPolicyProps } from './combined-caller-policy';
export { type AdoptedPromptProps, type IPrompt, Prompt, type PromptProps } from './prompt';
export {
  type IPromptAlias,
  PromptAlias,
  type PromptAliasNames,
  type PromptAliasOptions,
  type PromptAliasProps,
} from './prompt-alias';
export { PromptAliasGrants } from './prompt-alias-grants';
export { PromptAuditTrail, type PromptAuditTrailProps } from './prompt-audit-trail';
export { PromptBlock } from './prompt-block';
export { PromptChangeNotifications, type PromptChangeNotificationsProps } from './prompt-change-notifications';
export { PromptDashboard, type PromptDashboardProps } from './prompt-dashboard';
export { PromptMessage } from './prompt-message';
export {
  type IPromptRegistry,
  PromptRegistry,
  type PromptRegistryAttributes,
  type PromptRegistryHandlers,
  type PromptRegistryProps,
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

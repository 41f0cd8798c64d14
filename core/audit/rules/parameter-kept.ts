import type { AuditRule } from '../audit-rule';
import type { AuditedParameter } from '../audited-parameter';
import { parameterSettings } from '../parameter-settings';

/** What stays with a parameter when its next value is written. */
export const parameterKept: AuditRule<AuditedParameter, 'ParameterPolicy' | 'ParameterTier'> = {
  name: 'parameter-kept',
  reads: "the policies and the tier of each alias's parameter",
  finds: {
    ParameterPolicy: "an alias's parameter has a policy that no release takes away, such as an expiration",
    ParameterTier: "an alias's parameter is of another tier than `Standard`",
  },
  run({ parameter: { name, history } }, report) {
    if (history === null) return;
    const settings = parameterSettings(history);
    for (const finding of settings.findings) report('ParameterPolicy', name, finding);
    for (const note of settings.notes) report('ParameterTier', name, note, { level: 'note' });
  },
};

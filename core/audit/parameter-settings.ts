import type { ParameterWrite } from './evidence';

/**
 * What stays with a parameter when its next value is written: policies are kept until somebody sends others, and the
 * advanced tier cannot be left.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 */
export function parameterSettings(history: readonly ParameterWrite[]): { findings: string[]; notes: string[] } {
  const { policies = [], tier = 'Standard' } = history.at(-1) ?? {};
  return {
    findings: policies.map(
      (policy) => `has a parameter policy that no release takes away: ${policy}; an Expiration deletes the pointer`,
    ),
    notes:
      tier === 'Standard'
        ? []
        : [
            `is of the tier ${tier}: that costs, and only deleting the parameter undoes it; the account's default tier does it too`,
          ],
  };
}

import { paginateGetParameterHistory, type SSMClient } from '@aws-sdk/client-ssm';
import type { ParameterWrite } from '../../core/audit/evidence';

/** Every version of a parameter that Parameter Store keeps, oldest first; null where there is no such parameter. */
export async function parameterHistory(ssm: SSMClient, Name: string): Promise<ParameterWrite[] | null> {
  const found: ParameterWrite[] = [];
  try {
    for await (const { Parameters = [] } of paginateGetParameterHistory({ client: ssm, pageSize: 50 }, { Name })) {
      for (const {
        Version = 0,
        Value = '',
        LastModifiedDate,
        LastModifiedUser = '',
        Policies = [],
        Tier,
      } of Parameters) {
        found.push({
          version: Version,
          value: Value,
          time: LastModifiedDate?.toISOString() ?? '',
          user: LastModifiedUser,
          policies: Policies.map(({ PolicyType = 'a policy', PolicyText = '' }) =>
            `${PolicyType} ${PolicyText}`.trim(),
          ),
          ...(Tier && { tier: Tier }),
        });
      }
    }
  } catch (error) {
    if ((error as Error).name === 'ParameterNotFound') return null;
    throw error;
  }
  return found.sort((a, b) => a.version - b.version);
}

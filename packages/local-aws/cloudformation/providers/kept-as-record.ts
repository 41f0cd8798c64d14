import { randomUUID } from 'node:crypto';
import type { Properties } from '../stack-target';
import type { CreationContext, ProviderContext, ResourceProvider } from './provider';

type Make = (properties: Properties, context: CreationContext) => string;
type Attributes = (physicalId: string, context: ProviderContext) => Properties;

/*
 * Types with no service behind them here: the stack remembers them, `Ref` and attributes work, and that is all they do.
 * IAM is not asked about them.
 */
const types: Record<string, { properties: string; make: Make; attributes?: Attributes }> = {
  'AWS::CDK::Metadata': { properties: 'Analytics', make: (_, context) => context.generatedName(64) },
  'AWS::CloudFormation::WaitConditionHandle': {
    properties: '',
    make: (_, context) => `https://cloudformation-waitcondition-${context.region}.s3.amazonaws.com/${randomUUID()}`,
  },
  'AWS::CloudWatch::Dashboard': {
    properties: 'DashboardName DashboardBody',
    make: ({ DashboardName }, context) => String(DashboardName ?? context.generatedName(255)),
  },
  'AWS::Logs::LogGroup': {
    properties: 'LogGroupName RetentionInDays KmsKeyId LogGroupClass Tags',
    make: ({ LogGroupName }, context) => String(LogGroupName ?? context.generatedName(512)),
    attributes: (name, { region, account }) => ({ Arn: `arn:aws:logs:${region}:${account}:log-group:${name}:*` }),
  },
  'AWS::ECR::Repository': {
    properties:
      'RepositoryName ImageTagMutability LifecyclePolicy RepositoryPolicyText ImageScanningConfiguration Tags',
    make: ({ RepositoryName }, context) => String(RepositoryName ?? context.generatedName(256).toLowerCase()),
    attributes: (name, { region, account }) => ({
      Arn: `arn:aws:ecr:${region}:${account}:repository/${name}`,
      RepositoryUri: `${account}.dkr.ecr.${region}.amazonaws.com/${name}`,
    }),
  },
  'AWS::KMS::Key': {
    properties: 'KeyPolicy Description EnableKeyRotation PendingWindowInDays Tags',
    make: () => randomUUID(),
    attributes: (id, { region, account }) => ({ KeyId: id, Arn: `arn:aws:kms:${region}:${account}:key/${id}` }),
  },
  'AWS::KMS::Alias': { properties: 'AliasName TargetKeyId', make: ({ AliasName }) => String(AliasName) },
};

export const keptAsRecord: Record<string, ResourceProvider> = Object.fromEntries(
  Object.entries(types).map(([type, { properties, make, attributes = () => ({}) }]) => [
    type,
    {
      properties,
      async create(wanted, context) {
        const physicalId = make(wanted, context);
        return { physicalId, attributes: attributes(physicalId, context) };
      },
      update: async (physicalId, _, __, context) => attributes(physicalId, context),
      remove: async () => {},
    },
  ]),
);

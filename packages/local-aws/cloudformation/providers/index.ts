import { notImplemented } from '../../aws-error';
import type { Properties } from '../stack-target';
import { httpApi, httpIntegration, httpRoute, httpStage } from './apigateway';
import { bedrockApplicationInferenceProfile, bedrockPrompt, bedrockPromptVersion } from './bedrock';
import { cloudTrailTrail } from './cloudtrail';
import { cloudWatchAlarm, cloudWatchCompositeAlarm } from './cloudwatch';
import { eventsRule } from './events';
import { iamManagedPolicy, iamPolicy, iamRole } from './iam';
import { keptAsRecord } from './kept-as-record';
import { lambdaEventInvokeConfig, lambdaFunction, lambdaPermission } from './lambda';
import { only, type ResourceProvider } from './provider';
import { s3Bucket, s3BucketPolicy } from './s3';
import { secretsManagerSecret } from './secretsmanager';
import { snsSubscription, snsTopic, snsTopicPolicy } from './sns';
import { ssmParameter } from './ssm';
import { waitCondition } from './wait-condition';

const providers: Record<string, ResourceProvider> = {
  ...keptAsRecord,
  'AWS::ApiGatewayV2::Api': httpApi,
  'AWS::ApiGatewayV2::Integration': httpIntegration,
  'AWS::ApiGatewayV2::Route': httpRoute,
  'AWS::ApiGatewayV2::Stage': httpStage,
  'AWS::Bedrock::ApplicationInferenceProfile': bedrockApplicationInferenceProfile,
  'AWS::Bedrock::Prompt': bedrockPrompt,
  'AWS::Bedrock::PromptVersion': bedrockPromptVersion,
  'AWS::CloudFormation::WaitCondition': waitCondition,
  'AWS::CloudTrail::Trail': cloudTrailTrail,
  'AWS::CloudWatch::Alarm': cloudWatchAlarm,
  'AWS::CloudWatch::CompositeAlarm': cloudWatchCompositeAlarm,
  'AWS::Events::Rule': eventsRule,
  'AWS::IAM::ManagedPolicy': iamManagedPolicy,
  'AWS::IAM::Policy': iamPolicy,
  'AWS::IAM::Role': iamRole,
  'AWS::Lambda::EventInvokeConfig': lambdaEventInvokeConfig,
  'AWS::Lambda::Function': lambdaFunction,
  'AWS::Lambda::Permission': lambdaPermission,
  'AWS::S3::Bucket': s3Bucket,
  'AWS::S3::BucketPolicy': s3BucketPolicy,
  'AWS::SecretsManager::Secret': secretsManagerSecret,
  'AWS::SNS::Subscription': snsSubscription,
  'AWS::SNS::Topic': snsTopic,
  'AWS::SNS::TopicPolicy': snsTopicPolicy,
  'AWS::SSM::Parameter': ssmParameter,
};

/** The provider of a type; throws 501 for a type that is neither implemented nor kept as a record. */
export function providerOf(type: string): ResourceProvider {
  const provider = Object.hasOwn(providers, type) ? providers[type] : undefined;
  if (!provider) {
    throw notImplemented(`the resource type ${type}`);
  }
  return provider;
}

/** Whether resources of the type can be imported into a stack here. */
export function isImportable(type: string): boolean {
  return providers[type]?.find !== undefined;
}

/** Throws 501 for a property that the type's provider does not know. */
export function refuseUnknownProperties(type: string, properties: Properties): void {
  only(type, properties, providerOf(type).properties);
}

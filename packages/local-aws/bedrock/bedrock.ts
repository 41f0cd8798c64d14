import { randomBytes } from 'node:crypto';
import type * as bedrockApi from '@aws-sdk/client-bedrock';
import * as client from '@aws-sdk/client-bedrock';
import { AwsError } from '../aws-error';
import type { Call } from '../call';
import { Constraints } from '../constraints';
import { operation, type Service } from '../service';
import { supportedMembers } from '../supported-members';
import { bedrockRefusals } from '../wire/refusals';
import { restJson } from '../wire/rest-json';
import type { InvocationLogging } from './invocation-logging';
import { invocationLoggingOperations } from './invocation-logging-operations';
import { type ModelCatalog, modelArn } from './model-catalog';

/** Bedrock's control plane, as far as models, inference profiles and invocation logging go. */
export function bedrock(catalog: ModelCatalog, logging?: InvocationLogging): Service {
  return {
    name: 'bedrock',
    signingName: 'bedrock',
    client,
    protocol: restJson('com.amazonaws.bedrock', bedrockRefusals),
    operations: {
      ...(logging && invocationLoggingOperations(logging)),

      GetFoundationModel: operation<
        bedrockApi.GetFoundationModelCommandInput,
        bedrockApi.GetFoundationModelCommandOutput
      >({
        authorize: ({ modelIdentifier = '' }, { region }) => [
          {
            action: 'bedrock:GetFoundationModel',
            resource: modelIdentifier.startsWith('arn:') ? modelIdentifier : modelArn(region, modelIdentifier),
          },
        ],
        run: ({ modelIdentifier = '' }, { region, time }) => {
          const modelDetails = catalog.model(modelIdentifier, region, time);
          if (!modelDetails) throw noSuchModel();
          return { modelDetails };
        },
      }),

      ListFoundationModels: operation<
        bedrockApi.ListFoundationModelsCommandInput,
        bedrockApi.ListFoundationModelsCommandOutput
      >({
        authorize: () => [{ action: 'bedrock:ListFoundationModels', resource: '*' }],
        run: (input, call) => {
          supportedMembers(call, input, 'byProvider byInferenceType byOutputModality');
          const { byProvider, byInferenceType, byOutputModality } = input;
          return {
            modelSummaries: catalog
              .models(call.region, call.time)
              .filter(({ providerName }) => !byProvider || providerName?.toLowerCase() === byProvider.toLowerCase())
              .filter(({ inferenceTypesSupported: types }) => !byInferenceType || types?.includes(byInferenceType))
              .filter(({ outputModalities: made }) => !byOutputModality || made?.includes(byOutputModality)),
          };
        },
      }),

      GetFoundationModelAvailability: operation<
        bedrockApi.GetFoundationModelAvailabilityCommandInput,
        bedrockApi.GetFoundationModelAvailabilityCommandOutput
      >({
        // It names no resource: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
        authorize: () => [{ action: 'bedrock:GetFoundationModelAvailability', resource: '*' }],
        run: ({ modelId = '' }) => {
          const model = catalog.get(modelId);
          if (!model) throw noSuchModel();
          const state = model.isNotEnabled ? 'NOT_AVAILABLE' : 'AVAILABLE';
          return {
            modelId,
            agreementAvailability: { status: state },
            authorizationStatus: 'AUTHORIZED',
            entitlementAvailability: state,
            regionAvailability: 'AVAILABLE',
          };
        },
      }),

      GetInferenceProfile: operation<
        bedrockApi.GetInferenceProfileCommandInput,
        bedrockApi.GetInferenceProfileCommandOutput
      >({
        authorize: ({ inferenceProfileIdentifier = '' }, call) => [
          { action: 'bedrock:GetInferenceProfile', resource: profileArn(inferenceProfileIdentifier, catalog, call) },
        ],
        run: ({ inferenceProfileIdentifier = '' }, { region }) => existing(catalog, inferenceProfileIdentifier, region),
      }),

      ListInferenceProfiles: operation<
        bedrockApi.ListInferenceProfilesCommandInput,
        bedrockApi.ListInferenceProfilesCommandOutput
      >({
        authorize: () => [{ action: 'bedrock:ListInferenceProfiles', resource: '*' }],
        run: ({ typeEquals }, { region }) => ({
          inferenceProfileSummaries: catalog.profiles(region).filter(({ type }) => !typeEquals || type === typeEquals),
        }),
      }),

      CreateInferenceProfile: operation<
        bedrockApi.CreateInferenceProfileCommandInput,
        bedrockApi.CreateInferenceProfileCommandOutput
      >({
        // The ARN to ask about is known when the id is: in `run`.
        authorize: () => [],
        run: (input, call) => createProfile(catalog, input, call),
      }),

      DeleteInferenceProfile: operation<
        bedrockApi.DeleteInferenceProfileCommandInput,
        bedrockApi.DeleteInferenceProfileCommandOutput
      >({
        authorize: ({ inferenceProfileIdentifier = '' }, call) => {
          const resource = profileArn(inferenceProfileIdentifier, catalog, call);
          if (resource.includes(':inference-profile/')) {
            throw new AwsError('ValidationException', 400, 'A system-defined inference profile cannot be deleted.');
          }
          return [{ action: 'bedrock:DeleteInferenceProfile', resource }];
        },
        run: ({ inferenceProfileIdentifier = '' }, { region }) => {
          catalog.deleteProfile(existing(catalog, inferenceProfileIdentifier, region).inferenceProfileArn ?? '');
          return {};
        },
      }),

      TagResource: operation<bedrockApi.TagResourceCommandInput, bedrockApi.TagResourceCommandOutput>({
        authorize: ({ resourceARN = '' }) => [{ action: 'bedrock:TagResource', resource: resourceARN }],
        run: ({ resourceARN = '', tags = [] }, { region }) => {
          existing(catalog, resourceARN, region);
          const kept = (catalog.tags.get(resourceARN) ?? []).filter((tag) => !tags.some(({ key }) => key === tag.key));
          catalog.tags.set(resourceARN, [...kept, ...tags]);
          return {};
        },
      }),

      UntagResource: operation<bedrockApi.UntagResourceCommandInput, bedrockApi.UntagResourceCommandOutput>({
        authorize: ({ resourceARN = '' }) => [{ action: 'bedrock:UntagResource', resource: resourceARN }],
        run: ({ resourceARN = '', tagKeys = [] }, { region }) => {
          existing(catalog, resourceARN, region);
          const tags = catalog.tags.get(resourceARN) ?? [];
          catalog.tags.set(
            resourceARN,
            tags.filter(({ key = '' }) => !tagKeys.includes(key)),
          );
          return {};
        },
      }),

      ListTagsForResource: operation<
        bedrockApi.ListTagsForResourceCommandInput,
        bedrockApi.ListTagsForResourceCommandOutput
      >({
        authorize: ({ resourceARN = '' }) => [{ action: 'bedrock:ListTagsForResource', resource: resourceARN }],
        run: ({ resourceARN = '' }, { region }) => {
          existing(catalog, resourceARN, region);
          return { tags: catalog.tags.get(resourceARN) ?? [] };
        },
      }),
    },
  };
}

function noSuchModel(): AwsError {
  return new AwsError('ValidationException', 400, 'The provided model identifier is invalid.');
}

/** An application profile: a copy of a model's or system profile's destinations under an ARN that can be tagged. */
async function createProfile(catalog: ModelCatalog, input: bedrockApi.CreateInferenceProfileCommandInput, call: Call) {
  const { inferenceProfileName, description, modelSource, tags = [] } = input;
  const { region, account, time } = call;
  const inferenceProfileId = randomBytes(6).toString('hex');
  const inferenceProfileArn = `arn:aws:bedrock:${region}:${account}:application-inference-profile/${inferenceProfileId}`;
  await call.require({ action: 'bedrock:CreateInferenceProfile', resource: inferenceProfileArn });
  const constraints = new Constraints();
  constraints.required(inferenceProfileName, 'inferenceProfileName');
  constraints.length(inferenceProfileName, 'inferenceProfileName', 1, 64);
  constraints.pattern(inferenceProfileName, 'inferenceProfileName', /^(?:([0-9a-zA-Z][ _-]?)+)$/);
  constraints.required(modelSource?.copyFrom, 'modelSource.copyFrom');
  constraints.check();
  const source = catalog.route(modelSource?.copyFrom ?? '', region);
  if (!source) {
    throw new AwsError('ValidationException', 400, 'The provided model source is invalid.');
  }
  catalog.addProfile({
    ...{ inferenceProfileName, description, inferenceProfileId, inferenceProfileArn },
    ...{ createdAt: time, updatedAt: time, status: 'ACTIVE', type: 'APPLICATION' },
    models: source.modelArns.map((arn) => ({ modelArn: arn })),
  });
  catalog.tags.set(inferenceProfileArn, tags);
  return { inferenceProfileArn, status: 'ACTIVE' as const };
}

/** ARN that IAM is asked about, also when there is no such profile. */
function profileArn(identifier: string, catalog: ModelCatalog, { region, account }: Call): string {
  const known = catalog.profile(identifier, region)?.inferenceProfileArn;
  return (
    known ??
    (identifier.startsWith('arn:')
      ? identifier
      : `arn:aws:bedrock:${region}:${account}:inference-profile/${identifier}`)
  );
}

function existing(catalog: ModelCatalog, identifier: string, region: string) {
  const profile = catalog.profile(identifier, region);
  if (!profile) {
    throw new AwsError('ResourceNotFoundException', 404, `Inference profile ${identifier} was not found.`);
  }
  return profile;
}

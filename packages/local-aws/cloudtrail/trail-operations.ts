import type {
  AddTagsCommandInput,
  CreateTrailCommandInput,
  CreateTrailCommandOutput,
  DescribeTrailsCommandInput,
  DescribeTrailsCommandOutput,
  GetTrailCommandOutput,
  GetTrailStatusCommandOutput,
  ListTagsCommandInput,
  ListTagsCommandOutput,
  ListTrailsCommandOutput,
  RemoveTagsCommandInput,
  UpdateTrailCommandInput,
} from '@aws-sdk/client-cloudtrail';
import { AwsError } from '../aws-error';
import type { Authorization, Call } from '../call';
import { type Operation, operation } from '../service';
import { supportedMembers } from '../supported-members';
import type { TrailBucket } from './trail-bucket';
import type { Trail, Trails } from './trails';

const settings =
  'Name S3BucketName S3KeyPrefix IncludeGlobalServiceEvents IsMultiRegionTrail EnableLogFileValidation KmsKeyId';

interface Named {
  readonly Name: string | undefined;
}

/** Trails themselves; what they select is in selector-operations.ts. */
export function trailOperations(trails: Trails, bucket: TrailBucket): Record<string, Operation> {
  const authorize =
    (action: string) =>
    ({ Name }: Named, call: Call) => [onTrail(action, Name, call)];

  return {
    CreateTrail: operation<CreateTrailCommandInput, CreateTrailCommandOutput>({
      authorize: authorize('CreateTrail'),
      run: async (input, call) => {
        supportedMembers(
          call,
          { ...input, IsOrganizationTrail: input.IsOrganizationTrail || undefined },
          `${settings} TagsList`,
        );
        const { Name: name = '' } = input;
        checkName(name);
        if (trails.find(name)) {
          throw new AwsError(
            'TrailAlreadyExistsException',
            400,
            `Trail ${name} already exists for customer: ${call.account}`,
          );
        }
        const trail: Trail = {
          ...{ name, arn: trailArn(name, call), homeRegion: call.region },
          ...{ bucket: input.S3BucketName ?? '', prefix: input.S3KeyPrefix, kmsKeyId: keyArn(input.KmsKeyId, call) },
          ...{ isMultiRegion: input.IsMultiRegionTrail ?? false, isValidated: input.EnableLogFileValidation ?? false },
          ...{ hasGlobalEvents: input.IncludeGlobalServiceEvents ?? true, tags: [...(input.TagsList ?? [])] },
          ...{ selectors: undefined, isLogging: false, pending: [], undigested: [] },
        };
        checkGlobal(trail);
        await bucket.check(trail, call);
        trails.add(trail);
        return shown(trail);
      },
    }),
    UpdateTrail: operation<UpdateTrailCommandInput, CreateTrailCommandOutput>({
      authorize: authorize('UpdateTrail'),
      run: async (input, call) => {
        supportedMembers(call, { ...input, IsOrganizationTrail: input.IsOrganizationTrail || undefined }, settings);
        const trail = trails.trail(input.Name);
        const after: Trail = {
          ...trail,
          bucket: input.S3BucketName ?? trail.bucket,
          // An empty text takes a setting away.
          prefix: input.S3KeyPrefix === undefined ? trail.prefix : input.S3KeyPrefix || undefined,
          kmsKeyId: input.KmsKeyId === undefined ? trail.kmsKeyId : keyArn(input.KmsKeyId, call),
          isMultiRegion: input.IsMultiRegionTrail ?? trail.isMultiRegion,
          isValidated: input.EnableLogFileValidation ?? trail.isValidated,
          hasGlobalEvents: input.IncludeGlobalServiceEvents ?? trail.hasGlobalEvents,
        };
        checkGlobal(after);
        await bucket.check(after, call);
        trails.changing(trail, call.requestId);
        Object.assign(trail, after);
        return shown(trail);
      },
    }),
    DeleteTrail: operation<Named, object>({
      authorize: authorize('DeleteTrail'),
      run: ({ Name }, call) => {
        const trail = trails.trail(Name);
        trails.changing(trail, call.requestId);
        trails.delete(trail);
        return {};
      },
    }),
    GetTrail: operation<Named, GetTrailCommandOutput>({
      authorize: authorize('GetTrail'),
      run: ({ Name }) => ({ Trail: described(trails.trail(Name)) }),
    }),
    DescribeTrails: operation<DescribeTrailsCommandInput, DescribeTrailsCommandOutput>({
      authorize: () => [{ action: 'cloudtrail:DescribeTrails', resource: '*' }],
      run: ({ trailNameList }) => {
        const wanted = trailNameList?.length ? trailNameList.map((name) => trails.find(name)) : trails.list();
        return { trailList: wanted.flatMap((trail) => (trail ? described(trail) : [])) };
      },
    }),
    ListTrails: operation<object, ListTrailsCommandOutput>({
      authorize: () => [{ action: 'cloudtrail:ListTrails', resource: '*' }],
      run: () => ({
        Trails: trails
          .list()
          .map(({ name, arn, homeRegion }) => ({ Name: name, TrailARN: arn, HomeRegion: homeRegion })),
      }),
    }),
    GetTrailStatus: operation<Named, GetTrailStatusCommandOutput>({
      authorize: authorize('GetTrailStatus'),
      run: ({ Name }) => {
        const trail = trails.trail(Name);
        return {
          ...{ IsLogging: trail.isLogging, StartLoggingTime: trail.started, StopLoggingTime: trail.stopped },
          ...{ LatestDeliveryTime: trail.delivered, LatestDeliveryError: trail.deliveryError },
          ...{ LatestDigestDeliveryTime: trail.digestDelivered },
        };
      },
    }),
    StartLogging: operation<Named, object>({
      authorize: authorize('StartLogging'),
      run: ({ Name }, call) => {
        Object.assign(trails.trail(Name), { isLogging: true, started: call.time });
        return {};
      },
    }),
    StopLogging: operation<Named, object>({
      authorize: authorize('StopLogging'),
      run: ({ Name }, call) => {
        const trail = trails.trail(Name);
        trails.changing(trail, call.requestId);
        Object.assign(trail, { isLogging: false, stopped: call.time });
        return {};
      },
    }),
    AddTags: operation<AddTagsCommandInput, object>({
      authorize: ({ ResourceId }, call) => [onTrail('AddTags', ResourceId, call)],
      run: ({ ResourceId, TagsList = [] }) => {
        const trail = trails.trail(ResourceId);
        const others = trail.tags.filter(({ Key }) => !TagsList.some((tag) => tag.Key === Key));
        trail.tags = [...others, ...TagsList];
        return {};
      },
    }),
    RemoveTags: operation<RemoveTagsCommandInput, object>({
      authorize: ({ ResourceId }, call) => [onTrail('RemoveTags', ResourceId, call)],
      run: ({ ResourceId, TagsList = [] }) => {
        const trail = trails.trail(ResourceId);
        trail.tags = trail.tags.filter(({ Key }) => !TagsList.some((tag) => tag.Key === Key));
        return {};
      },
    }),
    ListTags: operation<ListTagsCommandInput, ListTagsCommandOutput>({
      authorize: ({ ResourceIdList = [] }, call) => ResourceIdList.map((id) => onTrail('ListTags', id, call)),
      run: ({ ResourceIdList = [] }) => ({
        ResourceTagList: ResourceIdList.map((ResourceId) => ({ ResourceId, TagsList: trails.trail(ResourceId).tags })),
      }),
    }),
  };
}

export function onTrail(action: string, nameOrArn: string | undefined, call: Call): Authorization {
  return { action: `cloudtrail:${action}`, resource: trailArn(nameOrArn ?? '', call) };
}

function trailArn(nameOrArn: string, { region, account }: Call): string {
  return nameOrArn.startsWith('arn:') ? nameOrArn : `arn:aws:cloudtrail:${region}:${account}:trail/${nameOrArn}`;
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html */
function checkName(name: string): void {
  if (!/^[a-zA-Z0-9](?!.*[._-]{2})[a-zA-Z0-9._-]{1,126}[a-zA-Z0-9]$/.test(name) || /^\d+(\.\d+){3}$/.test(name)) {
    throw new AwsError('InvalidTrailNameException', 400, `Trail name ${name} is not valid.`);
  }
}

function checkGlobal({ isMultiRegion, hasGlobalEvents }: Trail): void {
  if (isMultiRegion && !hasGlobalEvents) {
    const message = 'Multi-Region trail must include global service events.';
    throw new AwsError('InvalidParameterCombinationException', 400, message);
  }
}

/** Its form only: there is no KMS here that knows which keys exist. CloudTrail answers with the key's ARN. */
function keyArn(key: string | undefined, { region, account }: Call): string | undefined {
  if (!key) {
    return undefined;
  }
  const [, plainId] = /^([0-9a-f-]{36}|mrk-[0-9a-f]{32})$/.exec(key) ?? [];
  if (plainId) {
    return `arn:aws:kms:${region}:${account}:key/${plainId}`;
  }
  if (!/^arn:aws:kms:[a-z0-9-]+:\d{12}:(key|alias)\/[\w/-]+$|^alias\/[\w/-]+$/.test(key)) {
    throw new AwsError('InvalidKmsKeyIdException', 400, `Invalid KMS key: ${key}`);
  }
  return key;
}

function shown(trail: Trail) {
  return {
    ...{ Name: trail.name, TrailARN: trail.arn, S3BucketName: trail.bucket, S3KeyPrefix: trail.prefix },
    ...{ IncludeGlobalServiceEvents: trail.hasGlobalEvents, IsMultiRegionTrail: trail.isMultiRegion },
    ...{ LogFileValidationEnabled: trail.isValidated, KmsKeyId: trail.kmsKeyId, IsOrganizationTrail: false },
  };
}

function described(trail: Trail) {
  return {
    ...{ ...shown(trail), HomeRegion: trail.homeRegion, HasInsightSelectors: false },
    HasCustomEventSelectors: trail.selectors !== undefined,
  };
}

import type {
  CreateBucketCommandInput,
  CreateBucketCommandOutput,
  GetBucketLocationCommandOutput,
  GetBucketPolicyCommandOutput,
  GetBucketVersioningCommandOutput,
  HeadBucketCommandOutput,
  ListBucketsCommandOutput,
  PutBucketPolicyCommandInput,
  PutBucketVersioningCommandInput,
} from '@aws-sdk/client-s3';
import { AwsError } from '../aws-error';
import { parsePolicyDocument } from '../iam/policy-document';
import { type Operation, operation } from '../service';
import { supportedMembers } from '../supported-members';
import { s3Authorization } from './s3-authorization';
import { Bucket, type S3State } from './s3-state';

export interface BucketInput {
  Bucket: string | undefined;
}

/** S3's operations on buckets themselves, their versioning and policy. */
export function bucketOperations(state: S3State): Record<string, Operation> {
  const authorize =
    (...actions: string[]) =>
    ({ Bucket: name }: BucketInput) =>
      actions.map((action) => s3Authorization(state, action, name));

  return {
    CreateBucket: operation<CreateBucketCommandInput, CreateBucketCommandOutput>({
      authorize: (input) => {
        const lock = input.ObjectLockEnabledForBucket
          ? ['PutBucketObjectLockConfiguration', 'PutBucketVersioning']
          : [];
        return authorize('CreateBucket', ...lock)(input);
      },
      run: (input, call) => {
        supportedMembers(
          call,
          input,
          'Bucket ACL CreateBucketConfiguration ObjectLockEnabledForBucket ObjectOwnership',
        );
        const { Bucket: name = '', CreateBucketConfiguration, ObjectOwnership = 'BucketOwnerEnforced' } = input;
        const place = CreateBucketConfiguration?.LocationConstraint ?? 'us-east-1';
        if (place !== call.region || (input.ACL ?? 'private') !== 'private') {
          throw new AwsError(
            'IllegalLocationConstraintException',
            400,
            `Bucket ${name}: private and in ${call.region} only`,
          );
        }
        const bucket = new Bucket(name, call.time, input.ObjectLockEnabledForBucket ?? false);
        bucket.settings.set('ownership', { Rules: [{ ObjectOwnership }] });
        state.create(bucket);
        return { Location: `/${name}` };
      },
    }),
    DeleteBucket: operation<BucketInput, object>({
      authorize: authorize('DeleteBucket'),
      run: ({ Bucket: name }) => {
        state.delete(name);
        return {};
      },
    }),
    HeadBucket: operation<BucketInput, HeadBucketCommandOutput>({
      authorize: authorize('ListBucket'),
      run: ({ Bucket: name }, { region }) => {
        state.bucket(name);
        return { BucketRegion: region };
      },
    }),
    ListBuckets: operation<object, ListBucketsCommandOutput>({
      authorize: () => [{ action: 's3:ListAllMyBuckets', resource: '*' }],
      run: () => ({ Buckets: state.list().map(({ name, created }) => ({ Name: name, CreationDate: created })) }),
    }),
    GetBucketLocation: operation<BucketInput, GetBucketLocationCommandOutput>({
      authorize: authorize('GetBucketLocation'),
      run: ({ Bucket: name }, { region }) => {
        state.bucket(name);
        // An answer without a value means us-east-1.
        return { LocationConstraint: region === 'us-east-1' ? undefined : (region as 'eu-west-1') };
      },
    }),
    GetBucketVersioning: operation<BucketInput, GetBucketVersioningCommandOutput>({
      authorize: authorize('GetBucketVersioning'),
      run: ({ Bucket: name }) => ({ Status: state.bucket(name).versioning }),
    }),
    PutBucketVersioning: operation<PutBucketVersioningCommandInput, object>({
      authorize: authorize('PutBucketVersioning'),
      run: ({ Bucket: name, VersioningConfiguration: { Status } = {} }) => {
        const bucket = state.bucket(name);
        if (bucket.objectLock && Status !== 'Enabled') {
          const message =
            'An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.';
          throw new AwsError('InvalidBucketState', 409, message);
        }
        bucket.versioning = Status;
        return {};
      },
    }),
    GetBucketPolicy: operation<BucketInput, GetBucketPolicyCommandOutput>({
      authorize: authorize('GetBucketPolicy'),
      run: ({ Bucket: name }) => {
        const { policy } = state.bucket(name);
        if (!policy) {
          throw new AwsError('NoSuchBucketPolicy', 404, 'The bucket policy does not exist');
        }
        return { Policy: policy.text };
      },
    }),
    PutBucketPolicy: operation<PutBucketPolicyCommandInput, object>({
      authorize: authorize('PutBucketPolicy'),
      run: async ({ Bucket: name, Policy = '' }) => {
        const bucket = state.bucket(name);
        const policy = await parsePolicyDocument(Policy, 'resource', 'MalformedPolicy');
        const statements = [(policy.value as { Statement: object | object[] }).Statement].flat();
        const resources = statements.flatMap(
          (statement) => (statement as { Resource?: string | string[] }).Resource ?? [],
        );
        const arn = `arn:aws:s3:::${bucket.name}`;
        if (resources.some((resource) => resource !== arn && !resource.startsWith(`${arn}/`))) {
          throw new AwsError('MalformedPolicy', 400, 'Policy has invalid resource');
        }
        bucket.policy = policy;
        return {};
      },
    }),
    DeleteBucketPolicy: operation<BucketInput, object>({
      authorize: authorize('DeleteBucketPolicy'),
      run: ({ Bucket: name }) => {
        state.bucket(name).policy = undefined;
        return {};
      },
    }),
  };
}

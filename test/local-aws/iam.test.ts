import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  ListAttachedRolePoliciesCommand,
  ListPolicyVersionsCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
  TagRoleCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ACCOUNT, policy, startWithClock, statement, trustAccount } from './local-clients';

let local: Awaited<ReturnType<typeof startWithClock>>;

beforeEach(async () => {
  local = await startWithClock();
  await local.ssm.send(new PutParameterCommand({ Name: '/a/b', Value: 'x', Type: 'String' }));
});
afterEach(() => local.aws.stop());

const readParameter = policy(statement('Allow', 'ssm:GetParameter', `arn:aws:ssm:us-east-1:${ACCOUNT}:parameter/a/*`));

function createRole(RoleName: string, AssumeRolePolicyDocument = trustAccount) {
  return local.iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
}

async function createPolicy(PolicyName: string, PolicyDocument = readParameter): Promise<string> {
  const { Policy } = await local.iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument }));
  return Policy?.Arn ?? '';
}

function attach(RoleName: string, PolicyArn: string) {
  return local.iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
}

function failure(name: string, status: number, message?: RegExp) {
  const expected = { name, $metadata: expect.objectContaining({ httpStatusCode: status }) };
  return expect.objectContaining(message ? { ...expected, message: expect.stringMatching(message) } : expected);
}

describe('roles', () => {
  it('gives a role back as it was made, its trust policy URL-encoded as IAM does', async () => {
    await createRole('reader');
    await local.iam.send(new TagRoleCommand({ RoleName: 'reader', Tags: [{ Key: 'team', Value: 'a' }] }));

    const { Role } = await local.iam.send(new GetRoleCommand({ RoleName: 'reader' }));

    expect(Role).toMatchObject({ Arn: `arn:aws:iam::${ACCOUNT}:role/reader`, Path: '/', MaxSessionDuration: 3600 });
    expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')).toBe(trustAccount);
    expect(Role?.Tags).toEqual([{ Key: 'team', Value: 'a' }]);
  });

  it('refuses a second role of one name, and knows no role that is not there', async () => {
    await createRole('reader');

    await expect(createRole('reader')).rejects.toEqual(failure('EntityAlreadyExistsException', 409));
    const missing = local.iam.send(new GetRoleCommand({ RoleName: 'nobody' }));
    await expect(missing).rejects.toEqual(failure('NoSuchEntityException', 404, /nobody cannot be found/));
  });

  it('keeps a role that still has policies', async () => {
    await createRole('reader');
    await local.iam.send(
      new PutRolePolicyCommand({ RoleName: 'reader', PolicyName: 'p', PolicyDocument: readParameter }),
    );

    const first = local.iam.send(new DeleteRoleCommand({ RoleName: 'reader' }));
    await expect(first).rejects.toEqual(failure('DeleteConflictException', 409));
    await local.iam.send(new DeleteRolePolicyCommand({ RoleName: 'reader', PolicyName: 'p' }));
    await local.iam.send(new DeleteRoleCommand({ RoleName: 'reader' }));
  });

  it('holds at most 10 managed policies', async () => {
    await createRole('reader');
    for (let i = 0; i < 10; i += 1) {
      await attach('reader', await createPolicy(`p${i}`));
    }

    const eleventh = attach('reader', await createPolicy('p10'));

    await expect(eleventh).rejects.toEqual(failure('LimitExceededException', 409, /PoliciesPerRole: 10/));
    const { AttachedPolicies } = await local.iam.send(new ListAttachedRolePoliciesCommand({ RoleName: 'reader' }));
    expect(AttachedPolicies).toHaveLength(10);
  });

  it('counts inline policies together, without white space, up to 10,240 characters', async () => {
    await createRole('reader');
    const big = (PolicyName: string, length: number) =>
      local.iam.send(
        new PutRolePolicyCommand({
          ...{ RoleName: 'reader', PolicyName },
          PolicyDocument: `${policy(statement('Allow', 's3:GetObject', `arn:aws:s3:::${'b'.repeat(length)}`))}${' '.repeat(9000)}`,
        }),
      );
    await big('first', 6000);

    await expect(big('second', 6000)).rejects.toEqual(failure('LimitExceededException', 409, /10240/));
    await big('second', 3000);
    const { PolicyNames } = await local.iam.send(new ListRolePoliciesCommand({ RoleName: 'reader' }));
    expect(PolicyNames).toEqual(['first', 'second']);
  });

  it('refuses a trust policy that names a role which is not there, or a Resource', async () => {
    const principal = { AWS: `arn:aws:iam::${ACCOUNT}:role/ghost` };
    const ghost = policy({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: principal });
    const withResource = policy({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: '*', Resource: '*' });

    const malformed = failure('MalformedPolicyDocumentException', 400);
    await expect(createRole('reader', ghost)).rejects.toEqual(malformed);
    await expect(createRole('reader', withResource)).rejects.toEqual(malformed);
  });
});

describe('policy documents', () => {
  it('refuses an empty string among the resources, which the simulator would take for a permission', async () => {
    const empty = policy(statement('Allow', 'ssm:GetParameter', ['']));

    await expect(createPolicy('p', empty)).rejects.toEqual(failure('MalformedPolicyDocumentException', 400));
    await createRole('reader');
    const inline = { RoleName: 'reader', PolicyName: 'p', PolicyDocument: empty };
    await expect(local.iam.send(new PutRolePolicyCommand(inline))).rejects.toEqual(
      failure('MalformedPolicyDocumentException', 400),
    );
  });

  it.each([
    ['no JSON', '{'],
    ['no statement', policy()],
    ['a resource that is no ARN', policy(statement('Allow', 's3:GetObject', 'bucket'))],
    ['an unknown element', policy({ ...statement('Allow', 's3:GetObject', '*'), Foo: 1 })],
    ['a principal in an identity policy', policy({ ...statement('Allow', 's3:GetObject', '*'), Principal: '*' })],
  ])('refuses %s', async (_, document) => {
    await expect(createPolicy('p', document)).rejects.toEqual(failure('MalformedPolicyDocumentException', 400));
  });

  it('takes a managed policy of 6,144 characters, white space aside, and none longer', async () => {
    const frame = policy(statement('Allow', 's3:GetObject', 'arn:aws:s3:::'));
    const sized = (size: number) => frame.replace(':::', `:::${'b'.repeat(size - frame.length)}`);

    await createPolicy('fits', `${sized(6144)}   \n`);
    await expect(createPolicy('long', sized(6145))).rejects.toEqual(failure('LimitExceededException', 409, /6144/));
  });
});

describe('managed policies', () => {
  it('keeps at most 5 versions, and its default one', async () => {
    const PolicyArn = await createPolicy('p');
    const next = () =>
      local.iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: readParameter, SetAsDefault: true }));
    for (let i = 0; i < 4; i += 1) {
      await next();
    }

    await expect(next()).rejects.toEqual(failure('LimitExceededException', 409, /up to 5 versions/));
    const deletion = (VersionId: string) => local.iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId }));
    await expect(deletion('v5')).rejects.toEqual(failure('DeleteConflictException', 409, /default version/));
    await deletion('v1');
    const { PolicyVersion } = await next();
    expect(PolicyVersion).toMatchObject({ VersionId: 'v6', IsDefaultVersion: true });
    const { Versions } = await local.iam.send(new ListPolicyVersionsCommand({ PolicyArn }));
    expect(Versions?.map(({ VersionId }) => VersionId)).toEqual(['v6', 'v5', 'v4', 'v3', 'v2']);
  });

  it('is not deleted while a role has it, nor with versions left', async () => {
    await createRole('reader');
    const PolicyArn = await createPolicy('p');
    await attach('reader', PolicyArn);
    await local.iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: readParameter }));
    const remove = () => local.iam.send(new DeletePolicyCommand({ PolicyArn }));

    await expect(remove()).rejects.toEqual(failure('DeleteConflictException', 409, /attached/));
    await local.iam.send(new DetachRolePolicyCommand({ RoleName: 'reader', PolicyArn }));
    await expect(remove()).rejects.toEqual(failure('DeleteConflictException', 409, /more than one version/));
    await local.iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: 'v2' }));
    await remove();
    await expect(local.iam.send(new GetPolicyCommand({ PolicyArn }))).rejects.toEqual(
      failure('NoSuchEntityException', 404),
    );
  });

  it('gives documents back URL-encoded', async () => {
    const PolicyArn = await createPolicy('p');
    await createRole('reader');
    await local.iam.send(
      new PutRolePolicyCommand({ RoleName: 'reader', PolicyName: 'p', PolicyDocument: readParameter }),
    );

    const managed = await local.iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: 'v1' }));
    const inline = await local.iam.send(new GetRolePolicyCommand({ RoleName: 'reader', PolicyName: 'p' }));

    expect(managed.PolicyVersion?.Document).toBe(encodeURIComponent(readParameter));
    expect(inline.PolicyDocument).toBe(encodeURIComponent(readParameter));
  });

  it("has the policies of AWS's own that CDK attaches, and no others", async () => {
    await createRole('admin');
    await attach('admin', 'arn:aws:iam::aws:policy/AdministratorAccess');
    await attach('admin', 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole');

    await expect(attach('admin', 'arn:aws:iam::aws:policy/Imagined')).rejects.toEqual(
      failure('NoSuchEntityException', 404),
    );
  });
});

describe('enforcement', () => {
  const read = async (who: Awaited<ReturnType<typeof local.assume>>) => {
    try {
      return (await who.ssm.send(new GetParameterCommand({ Name: '/a/b' }))).Parameter?.Value;
    } catch (error) {
      return (error as Error).name;
    }
  };

  it('lets a role do what its policies allow, and says why not otherwise', async () => {
    await createRole('reader');
    await local.iam.send(
      new PutRolePolicyCommand({ RoleName: 'reader', PolicyName: 'p', PolicyDocument: readParameter }),
    );
    const reader = await local.assume('reader');

    expect(await read(reader)).toBe('x');
    const other = reader.ssm.send(new GetParameterCommand({ Name: '/c' }));
    await expect(other).rejects.toEqual(
      failure(
        'AccessDeniedException',
        400,
        /assumed-role\/reader\/session is not authorized to perform: ssm:GetParameter on resource: arn:aws:ssm:us-east-1:111122223333:parameter\/c because no identity-based/,
      ),
    );
  });

  it('follows changes only after the delay: attaching, new versions, detaching and deleting', async () => {
    local.aws.setIamDelay(10_000);
    await createRole('reader');
    const reader = await local.assume('reader');
    const PolicyArn = await createPolicy('p');
    await attach('reader', PolicyArn);

    expect(await read(reader)).toBe('AccessDeniedException');
    local.pass(9_999);
    expect(await read(reader)).toBe('AccessDeniedException');
    local.pass(1);
    expect(await read(reader)).toBe('x');

    const nothing = policy(statement('Allow', 's3:GetObject', '*'));
    await local.iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: nothing, SetAsDefault: true }));
    local.pass(9_999);
    expect(await read(reader)).toBe('x');
    local.pass(1);
    expect(await read(reader)).toBe('AccessDeniedException');

    await local.iam.send(
      new PutRolePolicyCommand({ RoleName: 'reader', PolicyName: 'p', PolicyDocument: readParameter }),
    );
    local.pass(10_000);
    await local.iam.send(new DeleteRolePolicyCommand({ RoleName: 'reader', PolicyName: 'p' }));
    await local.iam.send(new DetachRolePolicyCommand({ RoleName: 'reader', PolicyArn }));
    await local.iam.send(new DeleteRoleCommand({ RoleName: 'reader' }));
    expect(await read(reader)).toBe('x');
    local.pass(10_000);
    expect(await read(reader)).toBe('AccessDeniedException');

    local.aws.setIamDelay(0);
    await createRole('reader');
    await attach('reader', await createPolicy('fresh'));
    expect(await read(reader)).toBe('x');
  });

  it('lets only those assume a role whom its trust policy names, and nobody a role that is not there', async () => {
    const service = policy({
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Principal: { Service: 'lambda.amazonaws.com' },
    });
    await createRole('for-lambda', service);

    const denied = failure('AccessDenied', 403);
    await expect(local.assume('for-lambda')).rejects.toEqual(denied);
    await expect(local.assume('nobody')).rejects.toEqual(denied);
    const opened = { RoleName: 'for-lambda', PolicyDocument: trustAccount };
    await local.iam.send(new UpdateAssumeRolePolicyCommand(opened));
    await local.assume('for-lambda');
  });

  it('evaluates the conditions of a trust policy', async () => {
    const condition = { Null: { 'sts:ExternalId': 'true' } };
    const { Statement } = JSON.parse(trustAccount);
    await createRole('direct', policy({ ...Statement[0], Condition: condition }));
    const RoleArn = `arn:aws:iam::${ACCOUNT}:role/direct`;

    await local.assume('direct');
    const foreign = new AssumeRoleCommand({ RoleArn, RoleSessionName: 's', ExternalId: 'other' });
    await expect(local.sts.send(foreign)).rejects.toEqual(failure('AccessDenied', 403));
  });

  it('refuses keys that nobody handed out', async () => {
    const { settings } = local;
    const stranger = new (await import('@aws-sdk/client-ssm')).SSMClient({
      ...settings,
      credentials: { accessKeyId: 'AKIASTRANGER', secretAccessKey: 'x' },
    });

    await expect(stranger.send(new GetParameterCommand({ Name: '/a/b' }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 403 },
    });
  });
});

import { CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  AddTagsToResourceCommand,
  DeleteParameterCommand,
  DeleteParametersCommand,
  DescribeParametersCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  ListTagsForResourceCommand,
  PutParameterCommand,
  type PutParameterCommandInput,
  RemoveTagsFromResourceCommand,
} from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { policy, startWithClock, statement, trustAccount } from './local-clients';

const Name = '/prompts/prod/sort/PROD';
let local: Awaited<ReturnType<typeof startWithClock>>;

beforeEach(async () => {
  local = await startWithClock();
});
afterEach(() => local.aws.stop());

function put(name: string, Value = 'none', more: Partial<PutParameterCommandInput> = {}) {
  return local.ssm.send(new PutParameterCommand({ Name: name, Value, Type: 'String', ...more }));
}

function get(name: string) {
  return local.ssm.send(new GetParameterCommand({ Name: name }));
}

describe('a parameter', () => {
  it('has an ARN without a double slash, a version and a date, and is found by ARN as well', async () => {
    await put(Name, 'a');

    const { Parameter } = await get(Name);

    expect(Parameter).toEqual({
      ...{ Name, Type: 'String', Value: 'a', Version: 1, DataType: 'text' },
      ARN: 'arn:aws:ssm:us-east-1:111122223333:parameter/prompts/prod/sort/PROD',
      LastModifiedDate: local.clock.time,
    });
    expect((await get(Parameter?.ARN ?? '')).Parameter?.Value).toBe('a');
  });

  it('is overwritten only on request, each time as a new version that stays readable', async () => {
    await put(Name, 'a');

    await expect(put(Name, 'b')).rejects.toMatchObject({ name: 'ParameterAlreadyExists' });
    const overwrite = new PutParameterCommand({ Name, Value: 'b', Overwrite: true });
    expect((await local.ssm.send(overwrite)).Version).toBe(2);

    expect((await get(Name)).Parameter?.Value).toBe('b');
    expect((await get(`${Name}:1`)).Parameter?.Value).toBe('a');
    await expect(get(`${Name}:3`)).rejects.toMatchObject({ name: 'ParameterVersionNotFound' });
    const { Parameters } = await local.ssm.send(new GetParameterHistoryCommand({ Name }));
    expect(Parameters).toMatchObject([
      { Version: 1, Value: 'a', LastModifiedUser: 'arn:aws:iam::111122223333:user/operator' },
      { Version: 2, Value: 'b' },
    ]);
  });

  it('starts again at version 1 after it was deleted', async () => {
    await put(Name, 'a');
    await put(Name, 'b', { Overwrite: true });
    await local.ssm.send(new DeleteParameterCommand({ Name }));

    await expect(get(Name)).rejects.toMatchObject({ name: 'ParameterNotFound' });
    const again = local.ssm.send(new DeleteParameterCommand({ Name }));
    await expect(again).rejects.toMatchObject({ name: 'ParameterNotFound' });
    expect((await put(Name)).Version).toBe(1);
  });

  it.each([
    ['a value with {{', Name, 'say {{name}}', {}, 'ValidationException'],
    ['an empty value', Name, '', {}, 'ValidationException'],
    ['a value over 4,096 bytes', Name, 'é'.repeat(2049), {}, 'ValidationException'],
    ['a value against its pattern', Name, 'none', { AllowedPattern: '^[0-9]+$' }, 'ParameterPatternMismatchException'],
    ['a hierarchy without a first slash', 'a/b', 'x', {}, 'ValidationException'],
    ['a name that AWS keeps', '/aws/x', 'x', {}, 'ValidationException'],
    ['a name with a blank', '/a b', 'x', {}, 'ValidationException'],
    ['16 levels', '/a'.repeat(16), 'x', {}, 'HierarchyLevelLimitExceededException'],
    ['tags on an overwrite', Name, 'x', { Overwrite: true, Tags: [{ Key: 'a', Value: 'b' }] }, 'ValidationException'],
    ['no type at creation', Name, 'x', { Type: undefined }, 'ValidationException'],
  ])('refuses %s', async (_, name, value, more, code) => {
    await expect(put(name, value, more)).rejects.toMatchObject({ name: code });
    await expect(get(name)).rejects.toMatchObject({ name: 'ParameterNotFound' });
  });

  it.each([
    ['SecureString', { Type: 'SecureString' as const }],
    ['Policies', { Policies: '[]' }],
    ['aws:ec2:image', { DataType: 'aws:ec2:image' }],
  ])('says 501 to %s', async (what, more) => {
    await expect(put(Name, 'x', more)).rejects.toMatchObject({
      name: 'NotImplemented',
      message: expect.stringContaining(what),
      $metadata: { httpStatusCode: 501 },
    });
  });

  it('bears tags', async () => {
    await put(Name, 'x', { Tags: [{ Key: 'a', Value: '1' }] });
    const resource = { ResourceType: 'Parameter', ResourceId: Name } as const;
    await local.ssm.send(new AddTagsToResourceCommand({ ...resource, Tags: [{ Key: 'b', Value: '2' }] }));
    await local.ssm.send(new RemoveTagsFromResourceCommand({ ...resource, TagKeys: ['a'] }));

    const { TagList } = await local.ssm.send(new ListTagsForResourceCommand(resource));

    expect(TagList).toEqual([{ Key: 'b', Value: '2' }]);
  });
});

describe('several parameters', () => {
  beforeEach(async () => {
    for (const name of ['/p/a', '/p/b', '/p/c/d', '/pq']) {
      await put(name, name);
    }
  });

  it('are got by name, with those that are not there', async () => {
    const { Parameters, InvalidParameters } = await local.ssm.send(
      new GetParametersCommand({ Names: ['/p/b', '/none'] }),
    );

    expect(Parameters).toMatchObject([{ Value: '/p/b' }]);
    expect(InvalidParameters).toEqual(['/none']);
  });

  it('are got by path, page by page, and further down on request', async () => {
    const values = async (input: object) => {
      const { Parameters, NextToken } = await local.ssm.send(new GetParametersByPathCommand({ Path: '/p', ...input }));
      return [Parameters?.map(({ Value }) => Value), NextToken];
    };

    expect(await values({})).toEqual([['/p/a', '/p/b'], undefined]);
    expect(await values({ Recursive: true })).toEqual([['/p/a', '/p/b', '/p/c/d'], undefined]);
    const [first, NextToken] = await values({ MaxResults: 1 });
    expect([first, await values({ MaxResults: 1, NextToken })]).toEqual([['/p/a'], [['/p/b'], undefined]]);
  });

  it('are described by filter, and deleted together', async () => {
    const ParameterFilters = [{ Key: 'Name', Option: 'BeginsWith', Values: ['/p/'] }];
    const described = await local.ssm.send(new DescribeParametersCommand({ ParameterFilters }));
    const Names = ['/p/a', '/none'];
    const { DeletedParameters, InvalidParameters } = await local.ssm.send(new DeleteParametersCommand({ Names }));

    expect(described.Parameters?.map((parameter) => parameter.Name)).toEqual(['/p/a', '/p/b', '/p/c/d']);
    expect([DeletedParameters, InvalidParameters]).toEqual([['/p/a'], ['/none']]);
  });
});

it('judges each parameter by its own ARN', async () => {
  await put('/p/a');
  await put('/q/a');
  await local.iam.send(new CreateRoleCommand({ RoleName: 'reader', AssumeRolePolicyDocument: trustAccount }));
  const resource = 'arn:aws:ssm:us-east-1:111122223333:parameter/p/*';
  const PolicyDocument = policy(statement('Allow', 'ssm:GetParameter*', resource));
  await local.iam.send(new PutRolePolicyCommand({ RoleName: 'reader', PolicyName: 'p', PolicyDocument }));
  const { ssm } = await local.assume('reader');

  await ssm.send(new GetParameterCommand({ Name: '/p/a' }));
  await ssm.send(new GetParameterCommand({ Name: '/p/a:1' }));
  const both = ssm.send(new GetParametersCommand({ Names: ['/p/a', '/q/a'] }));
  await expect(both).rejects.toMatchObject({ name: 'AccessDeniedException' });
});

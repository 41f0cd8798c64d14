import type {
  AddTagsToResourceCommandInput,
  DeleteParametersCommandInput,
  DeleteParametersCommandOutput,
  DescribeParametersCommandInput,
  DescribeParametersCommandOutput,
  GetParameterCommandInput,
  GetParameterCommandOutput,
  GetParameterHistoryCommandInput,
  GetParameterHistoryCommandOutput,
  GetParametersByPathCommandInput,
  GetParametersByPathCommandOutput,
  GetParametersCommandInput,
  GetParametersCommandOutput,
  ListTagsForResourceCommandInput,
  ListTagsForResourceCommandOutput,
  Parameter,
  ParameterMetadata,
  ParameterStringFilter,
  PutParameterCommandInput,
  PutParameterCommandOutput,
  RemoveTagsFromResourceCommandInput,
} from '@aws-sdk/client-ssm';
import * as client from '@aws-sdk/client-ssm';
import { AwsError, notImplemented } from '../aws-error';
import type { Authorization, Call } from '../call';
import { RateLimit } from '../rate-limit';
import { type Operation, operation, type Service } from '../service';
import { supportedMembers } from '../supported-members';
import { JsonRpc } from '../wire/json-rpc';
import { ParameterStore, type ParameterVersion, validation } from './parameter-store';

/** Shared by reads and writes, without "higher throughput": https://docs.aws.amazon.com/general/latest/gr/ssm.html */
const CALLS_PER_SECOND = { 'GetParameter, GetParameters and PutParameter': 40 };

export interface SsmOptions {
  /** Whether AWS's rate limit holds: 40 calls a second of GetParameter, GetParameters and PutParameter together. @default false */
  readonly rateLimits?: boolean;
}

/** Parameter Store: parameters of type String and StringList, no labels; policies are kept and not carried out. */
export function ssm(store = new ParameterStore(), options: SsmOptions = {}): Service {
  const rate = new RateLimit(options.rateLimits ? CALLS_PER_SECOND : {});
  const take = ({ region, time }: Call) => rate.take('GetParameter, GetParameters and PutParameter', region, time);
  const operations: Record<string, Operation> = {
    PutParameter: operation<PutParameterCommandInput, PutParameterCommandOutput>({
      authorize: ({ Name = '', Overwrite = false }, call) => [
        onParameter('PutParameter', Name, call, { 'ssm:Overwrite': String(Overwrite) }),
      ],
      run: (input, call) => {
        take(call);
        supportedMembers(
          call,
          input,
          'Name Value Type Description Overwrite AllowedPattern Tags Tier DataType Policies',
        );
        const { Name: name = '', Value: value = '', Overwrite = false, Tags = [] } = input;
        const before = store.find(name);
        const tier = input.Tier ?? (before?.tier as PutParameterCommandInput['Tier']) ?? 'Standard';
        const type = input.Type ?? before?.type;
        if (!type) {
          throw validation('A parameter type is required when you create a parameter.');
        }
        checkType(type, tier, input, before);
        checkTier(tier, input, before);
        parsePolicies(input.Policies);
        if (Overwrite && Tags.length > 0) {
          throw validation("Invalid request: tags and overwrite can't be used together.");
        }
        const { Description: description, AllowedPattern: allowedPattern } = input;
        const author = { time: call.time, user: call.principal.arn };
        const kept = { description, allowedPattern, policies: input.Policies };
        const stored = store.put({ name, value, type, tier, ...kept, ...author }, Overwrite);
        for (const { Key = '', Value = '' } of Tags) {
          store.tags(name).set(Key, Value);
        }
        return { Version: stored.version, Tier: tier };
      },
    }),
    GetParameter: operation<GetParameterCommandInput, GetParameterCommandOutput>({
      authorize: ({ Name = '' }, call) => [onParameter('GetParameter', Name, call)],
      run: ({ Name = '' }, call) => {
        take(call);
        const found = select(store, Name);
        if (!found) {
          throw select(store, nameOf(Name)) && !Name.startsWith('arn:')
            ? new AwsError('ParameterVersionNotFound', 400, `Systems Manager could not find version ${Name}.`)
            : new AwsError('ParameterNotFound', 400, `Parameter ${Name} not found.`);
        }
        return { Parameter: shown(found, call) };
      },
    }),
    GetParameters: operation<GetParametersCommandInput, GetParametersCommandOutput>({
      authorize: ({ Names = [] }, call) => Names.map((name) => onParameter('GetParameters', name, call)),
      run: ({ Names = [] }, call) => {
        take(call);
        return {
          Parameters: Names.flatMap((name) => select(store, name) ?? []).map((found) => shown(found, call)),
          InvalidParameters: Names.filter((name) => !select(store, name)),
        };
      },
    }),
    GetParametersByPath: operation<GetParametersByPathCommandInput, GetParametersByPathCommandOutput>({
      authorize: ({ Path = '' }, call) => [onParameter('GetParametersByPath', Path.replace(/(.)\/$/, '$1'), call)],
      run: (input, call) => {
        supportedMembers(call, input, 'Path Recursive WithDecryption MaxResults');
        const { Path = '', Recursive = false, MaxResults = 10 } = input;
        if (!Path.startsWith('/') || MaxResults > 10) {
          throw validation('The parameter path must begin with /, and MaxResults be at most 10.');
        }
        const folder = Path.endsWith('/') ? Path : `${Path}/`;
        const below = store.list().filter(({ name }) => name.startsWith(folder));
        const found = below.filter(({ name }) => Recursive || !name.slice(folder.length).includes('/'));
        return { Parameters: found.map((parameter) => shown(parameter, call)) };
      },
    }),
    GetParameterHistory: operation<GetParameterHistoryCommandInput, GetParameterHistoryCommandOutput>({
      authorize: ({ Name = '' }, call) => [onParameter('GetParameterHistory', Name, call)],
      run: ({ Name = '' }) => {
        const versions = store.history(nameOf(Name));
        return { Parameters: versions.map((version) => ({ ...metadata(version), Value: version.value, Labels: [] })) };
      },
    }),
    DescribeParameters: operation<DescribeParametersCommandInput, DescribeParametersCommandOutput>({
      authorize: () => [{ action: 'ssm:DescribeParameters', resource: '*' }],
      run: (input, call) => {
        supportedMembers(call, input, 'ParameterFilters MaxResults');
        const { ParameterFilters = [] } = input;
        const found = store.list().filter(({ name }) => ParameterFilters.every((filter) => passes(name, filter)));
        return { Parameters: found.map((version) => ({ ...metadata(version), ARN: arnOf(version.name, call) })) };
      },
    }),
    DeleteParameter: operation<{ Name: string | undefined }, object>({
      authorize: ({ Name = '' }, call) => [onParameter('DeleteParameter', Name, call)],
      run: ({ Name = '' }) => {
        if (!store.delete(nameOf(Name))) {
          throw new AwsError('ParameterNotFound', 400, `Parameter ${Name} not found.`);
        }
        return {};
      },
    }),
    DeleteParameters: operation<DeleteParametersCommandInput, DeleteParametersCommandOutput>({
      authorize: ({ Names = [] }, call) => Names.map((name) => onParameter('DeleteParameters', name, call)),
      run: ({ Names = [] }) => {
        const deleted = new Set(Names.filter((name) => store.delete(nameOf(name))));
        return { DeletedParameters: [...deleted], InvalidParameters: Names.filter((name) => !deleted.has(name)) };
      },
    }),
    AddTagsToResource: operation<AddTagsToResourceCommandInput, object>({
      authorize: ({ ResourceId = '' }, call) => [onParameter('AddTagsToResource', ResourceId, call)],
      run: ({ ResourceType, ResourceId = '', Tags = [] }) => {
        for (const { Key = '', Value = '' } of Tags) {
          tagsOf(store, ResourceType, ResourceId).set(Key, Value);
        }
        return {};
      },
    }),
    RemoveTagsFromResource: operation<RemoveTagsFromResourceCommandInput, object>({
      authorize: ({ ResourceId = '' }, call) => [onParameter('RemoveTagsFromResource', ResourceId, call)],
      run: ({ ResourceType, ResourceId = '', TagKeys = [] }) => {
        for (const key of TagKeys) {
          tagsOf(store, ResourceType, ResourceId).delete(key);
        }
        return {};
      },
    }),
    ListTagsForResource: operation<ListTagsForResourceCommandInput, ListTagsForResourceCommandOutput>({
      authorize: ({ ResourceId = '' }, call) => [onParameter('ListTagsForResource', ResourceId, call)],
      run: ({ ResourceType, ResourceId = '' }) => ({
        TagList: [...tagsOf(store, ResourceType, ResourceId)].map(([Key, Value]) => ({ Key, Value })),
      }),
    }),
  };
  return { name: 'ssm', signingName: 'ssm', client, protocol: new JsonRpc('AmazonSSM'), operations };
}

function checkType(
  type: string,
  tier: string,
  { DataType }: PutParameterCommandInput,
  before: ParameterVersion | undefined,
): void {
  const special = [type === 'SecureString' && type, tier === 'Intelligent-Tiering' && tier, notText(DataType)];
  if (special.some(Boolean) || (before && before.type !== type)) {
    throw notImplemented(`ssm PutParameter: ${special.find(Boolean) || `a change of type to ${type}`}`);
  }
}

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html */
function checkTier(tier: string, { Policies }: PutParameterCommandInput, before: ParameterVersion | undefined): void {
  if (before?.tier === 'Advanced' && tier === 'Standard') {
    throw validation(
      "You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier.",
    );
  }
  if (Policies !== undefined && tier !== 'Advanced') {
    throw notImplemented('ssm PutParameter: Policies of a parameter that is not of the advanced tier');
  }
}

/** `/a/b` → `arn:aws:ssm:REGION:ACCOUNT:parameter/a/b` */
function arnOf(name: string, { region, account }: Call): string {
  return `arn:aws:ssm:${region}:${account}:parameter/${name.replace(/^\//, '')}`;
}

function onParameter(action: string, name: string, call: Call, context?: Authorization['context']): Authorization {
  return { action: `ssm:${action}`, resource: arnOf(nameOf(name), call), context };
}

/** A parameter's name without version: of `/a/b:3`, of an ARN. */
function nameOf(selector: string): string {
  const [, path] = /^arn:[^:]*:ssm:[^:]*:[^:]*:parameter(\/.+)$/.exec(selector) ?? [];
  return (path ?? selector).split(':')[0] ?? '';
}

function select(store: ParameterStore, selector: string): ParameterVersion | undefined {
  const [, version] = /:(\w+)$/.exec(selector.replace(/^arn:.*?:parameter/, '')) ?? [];
  return store.find(nameOf(selector), version === undefined ? undefined : Number(version));
}

function notText(dataType: string | undefined): string | undefined {
  return dataType === undefined || dataType === 'text' ? undefined : dataType;
}

function passes(name: string, { Key, Option = 'Equals', Values = [] }: ParameterStringFilter): boolean {
  if (Key !== 'Name' || !['Equals', 'BeginsWith', 'Contains'].includes(Option)) {
    throw notImplemented(`ssm DescribeParameters: filter ${Key} ${Option}`);
  }
  return Values.some((value) => {
    const part = Option === 'Contains' ? name : name.slice(0, value.length);
    return Option === 'Equals' ? name === value : part.includes(value);
  });
}

function tagsOf(store: ParameterStore, resourceType: string | undefined, name: string): Map<string, string> {
  if (resourceType !== 'Parameter') {
    throw notImplemented(`ssm tags of a ${resourceType}`);
  }
  return store.tags(name);
}

function metadata(version: ParameterVersion): ParameterMetadata {
  return {
    ...{ Name: version.name, Type: version.type as ParameterMetadata['Type'], Version: version.version },
    ...{ LastModifiedDate: version.time, LastModifiedUser: version.user, Description: version.description },
    ...{ AllowedPattern: version.allowedPattern, DataType: 'text' },
    Policies: parsePolicies(version.policies).map((policy) => ({
      ...{ PolicyText: JSON.stringify(policy), PolicyType: policy.Type, PolicyStatus: 'Pending' },
    })),
    Tier: version.tier as ParameterMetadata['Tier'],
  };
}

/** They are kept until others come, and nothing here carries them out. */
function parsePolicies(text = ''): { readonly Type: string }[] {
  if (text === '') return [];
  try {
    const policies: { readonly Type: string }[] = JSON.parse(text);
    const known = ['Expiration', 'ExpirationNotification', 'NoChangeNotification'];
    if (policies.every(({ Type }) => known.includes(Type))) return policies;
  } catch {}
  throw new AwsError('InvalidPolicyTypeException', 400, `The policy type is not supported: ${text}`);
}

function shown(found: ParameterVersion, call: Call): Parameter {
  return {
    ...{ Name: found.name, Type: found.type as Parameter['Type'], Value: found.value, Version: found.version },
    ...{ LastModifiedDate: found.time, ARN: arnOf(found.name, call), DataType: 'text' },
  };
}

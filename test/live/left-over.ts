import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetPolicyCommand, GetRoleCommand } from '@aws-sdk/client-iam';
import { paginateListFunctions } from '@aws-sdk/client-lambda';
import { paginateGetParametersByPath } from '@aws-sdk/client-ssm';
import { problem } from './check';
import type { LiveAccount } from './live-account';
import type { LiveNames } from './live-names';
import { liveBuckets, livePrompts } from './live-prompts';
import { isNoStack, type MadeResource } from './stack-inventory';

/** Something of a run that is still there, or that could not be looked for. */
export interface LeftOver {
  readonly what: string;
  readonly name: string;
  /** Removes it, or looks for it. */
  readonly command: string;
  /** Why it is still there, where that is known. */
  why?: string;
}

export const LOOKED_FOR =
  'stacks, prompts, buckets, parameters and functions by name, roles and policies by id, log groups in CloudFormation’s events';

/** Looks for everything that a run can have made; `made` is what its stacks told of themselves. */
export async function lookForLeftOvers(
  account: LiveAccount,
  names: LiveNames,
  made: readonly MadeResource[],
): Promise<LeftOver[]> {
  const { clients } = account;
  const left: LeftOver[] = [];
  const add = (what: string, name: string, command: string) => {
    left.push({ what, name, command: `aws ${command} ${account.awsArguments}` });
  };
  const look = async (what: string, command: string, search: () => Promise<void>) => {
    await search().catch((error: unknown) => {
      left.push({ what: `${what}: could not look`, name: '', command: `aws ${command}`, why: problem(error) });
    });
  };

  const standing = new Set<string>();
  for (const stack of [names.consumerStack, names.registryStack, names.typesStack]) {
    await look('stack', `cloudformation describe-stacks --stack-name ${stack} ${account.awsArguments}`, async () => {
      try {
        const { Stacks } = await clients.cloudFormation.send(new DescribeStacksCommand({ StackName: stack }));
        const [found] = Stacks ?? [];
        if (found === undefined || found.StackStatus === 'DELETE_COMPLETE') return;
        standing.add(found.StackId ?? '');
        add(`stack, ${found.StackStatus}`, stack, `cloudformation delete-stack --stack-name ${stack}`);
      } catch (error) {
        if (!isNoStack(error)) throw error;
      }
    });
  }
  await look('prompts', `bedrock-agent list-prompts ${account.awsArguments}`, async () => {
    for (const { id, name } of await livePrompts(clients.bedrock, names)) {
      add('prompt', name, `bedrock-agent delete-prompt --prompt-identifier ${id}`);
    }
  });
  await look('buckets', 's3api list-buckets', async () => {
    for (const bucket of await liveBuckets(clients.s3, names)) {
      left.push({ what: 'bucket', name: bucket, command: emptyAndDelete(bucket, account.awsArguments) });
    }
  });

  // What belongs to a stack that still stands goes with it.
  const orphans = made.filter(({ stackId }) => !standing.has(stackId));
  if (standing.size === 0) {
    const path = names.parameterPrefix;
    await look('parameters', `ssm get-parameters-by-path --path ${path} --recursive`, async () => {
      for await (const page of paginateGetParametersByPath({ client: clients.ssm }, { Path: path, Recursive: true })) {
        for (const { Name = '' } of page.Parameters ?? []) {
          add('parameter', Name, `ssm delete-parameter --name ${Name}`);
        }
      }
    });
    await look('functions', `lambda list-functions ${account.awsArguments}`, async () => {
      for await (const page of paginateListFunctions({ client: clients.lambda }, {})) {
        for (const { FunctionName = '' } of page.Functions ?? []) {
          if (!FunctionName.includes(`-${names.id}-`)) continue;
          add('function', FunctionName, `lambda delete-function --function-name ${FunctionName}`);
        }
      }
    });
  }
  for (const { type, physicalId, isDeleted } of orphans) {
    if (type === 'AWS::IAM::Role') {
      await look('role', `iam get-role --role-name ${physicalId}`, async () => {
        const isThere = await exists(clients.iam.send(new GetRoleCommand({ RoleName: physicalId })));
        if (isThere) add('role', physicalId, `iam delete-role --role-name ${physicalId}`);
      });
    } else if (type === 'AWS::IAM::ManagedPolicy') {
      await look('policy', `iam get-policy --policy-arn ${physicalId}`, async () => {
        const isThere = await exists(clients.iam.send(new GetPolicyCommand({ PolicyArn: physicalId })));
        if (isThere) add('policy', physicalId, `iam delete-policy --policy-arn ${physicalId}`);
      });
    } else if (type === 'AWS::Logs::LogGroup' && !isDeleted) {
      add('log group', physicalId, `logs delete-log-group --log-group-name ${physicalId}`);
    }
  }
  return left;
}

async function exists(sent: Promise<unknown>): Promise<boolean> {
  try {
    await sent;
    return true;
  } catch (error) {
    if (/^NoSuchEntity/.test((error as Error).name)) return false;
    throw error;
  }
}

/** The policy refuses deletions to everyone, so it goes first. */
function emptyAndDelete(bucket: string, where: string): string {
  const aws = (command: string) => `aws s3api ${command} --bucket ${bucket} ${where}`;
  const query = "--query '{Objects: [Versions, DeleteMarkers][][].{Key: Key, VersionId: VersionId}}'";
  const versions = `${aws('list-object-versions')} --output json ${query}`;
  return `${aws('delete-bucket-policy')}; ${aws('delete-objects')} --delete "$(${versions})"; ${aws('delete-bucket')}`;
}

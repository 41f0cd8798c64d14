import { parseArgs } from 'node:util';
import type { LocalAwsOptions } from '../index';
import { checkOptions } from '../option-checks';

export const USAGE = `usage: local-aws [options]

An AWS on this machine, for tests and trials: CloudFormation, IAM, Bedrock prompts, Lambda, S3, SSM and what belongs to
them. One account and Region, empty, in memory, on 127.0.0.1 only. Runs until Ctrl-C.

  --port N          the port to listen on (default: a free one)
  --account ID      12 digits (default: 111122223333)
  --region NAME     (default: us-east-1)
  --bootstrap       runs cdk bootstrap in it first, with the aws-cdk that is installed here
  --rates           the request rates of Bedrock and SSM, and Lambda's ten functions at once
  --adversary SEED  CloudFormation does what AWS allows at its worst: other orders, events twice and late, small pages
  --json            one line of JSON with the endpoint and the variables, instead of lines to paste
  -h, --help        this text
`;

export interface Arguments {
  readonly endpoint: LocalAwsOptions;
  readonly bootstrap: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

/** What a person asked for wrongly. */
export class UsageError extends Error {}

/** @throws UsageError */
export function readArguments(args: readonly string[]): Arguments {
  try {
    return argumentsOf(args);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function argumentsOf(args: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string' },
      account: { type: 'string' },
      region: { type: 'string' },
      bootstrap: { type: 'boolean', default: false },
      rates: { type: 'boolean', default: false },
      adversary: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { account, region, bootstrap, rates, json, help } = values;
  const port = wholeNumber('--port', values.port);
  const seed = wholeNumber('--adversary', values.adversary);
  checkOptions({ port, account, region });
  const rated = { bedrock: { rateLimits: true }, ssm: { rateLimits: true }, lambda: { concurrency: 10 } };
  const endpoint = {
    port,
    account,
    region,
    ...(rates && rated),
    ...(seed !== undefined && { cloudFormation: { seed } }),
  };
  return { endpoint, bootstrap, json, help };
}

function wholeNumber(flag: string, text: string | undefined): number | undefined {
  if (text !== undefined && !/^\d{1,9}$/.test(text)) {
    throw new Error(`expected ${flag} to be a whole number, found '${text}'`);
  }
  return text === undefined ? undefined : Number(text);
}

import { parseArgs } from 'node:util';
import { usageError } from '../../cli/cli-error';
import { CHECKS } from './checks';
import { LiveNames } from './live-names';
import type { LiveSettings } from './stage';

export const USAGE = `npm run live -- --profile NAME

Runs the ${CHECKS.length} checks that only an account can answer, and removes what it made. It says first what that is, and asks.
It needs the rights of an administrator, in an account with nothing of value in it, and the CDK's bootstrap stack.

  --profile NAME        whose account; without it the credentials of the environment
  --region REGION       default: the profile's, or AWS_REGION
  --only 1,3            these checks only
  --yes                 does not ask
  --json                the report as JSON on stdout, everything else on stderr
  --model ID            default amazon.nova-micro-v1:0: a model that this account may call on demand
  --global-model ID     default global.anthropic.claude-sonnet-4-5-20250929-v1:0: a global. inference profile
  --propagation N       seconds that a release waits for IAM, default 15
  --long-wait N         the same in check 2, default 90: longer than CloudFormation takes to go back; at most 120
  --remove ID           only removes what the run ID (live-…) left

Exit code 0: all hold and nothing is left. 2: something differs or could not be told. 3: something is left.
1, 6: did not run. 64: wrong command line. 130: interrupted.`;

export interface LiveOptions {
  readonly help: boolean;
  readonly profile?: string;
  readonly region?: string;
  readonly only: readonly number[];
  readonly yes: boolean;
  readonly json: boolean;
  /** Id of the run whose remains are to go. */
  readonly remove?: string;
  readonly settings: LiveSettings;
}

export function liveOptions(args: readonly string[]): LiveOptions {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const parsed = (() => {
    try {
      const options = {
        ...{
          profile: text,
          region: text,
          only: text,
          remove: text,
          yes: flag,
          json: flag,
          help: { ...flag, short: 'h' },
        },
        model: { ...text, default: 'amazon.nova-micro-v1:0' },
        'global-model': { ...text, default: 'global.anthropic.claude-sonnet-4-5-20250929-v1:0' },
        propagation: { ...text, default: '15' },
        'long-wait': { ...text, default: '90' },
      };
      return parseArgs({ args: [...args], options }).values;
    } catch (error) {
      throw usageError((error as Error).message, 'npm run live -- --help');
    }
  })();
  const { help, profile, region, yes, json, remove, model } = parsed;
  if (remove !== undefined && !LiveNames.PATTERN.test(remove)) {
    throw usageError(
      `expected --remove with the id of a run, such as live-3f9a1c, found ${remove}`,
      'its report names it',
    );
  }
  return {
    ...{ help, profile, region, yes, json, remove, only: numbers(parsed.only) },
    settings: {
      ...{ model, globalModel: parsed['global-model'] },
      propagation: seconds('--propagation', parsed.propagation),
      longWait: seconds('--long-wait', parsed['long-wait']),
    },
  };
}

function numbers(only: string | undefined): number[] {
  const all = CHECKS.map(({ number }) => number);
  const wanted = only === undefined ? all : only.split(',').map(Number);
  const unknown = wanted.filter((number) => !all.includes(number));
  if (unknown.length > 0) {
    throw usageError(`expected --only with some of ${all.join(',')}, found ${only}`, 'npm run live -- --help');
  }
  return wanted;
}

function seconds(name: string, value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0 || number > 120) {
    throw usageError(`expected ${name} in whole seconds from 0 to 120, found ${value}`, 'npm run live -- --help');
  }
  return number;
}

// npm run live -- --profile NAME: what only an account can answer, see docs/TESTING.md.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { explained } from '../../cli/aws-failure';
import { CliError } from '../../cli/cli-error';
import { Answers, type LiveCheck } from './check';
import { CHECKS } from './checks';
import { LiveAccount } from './live-account';
import { LiveNames } from './live-names';
import { liveOptions, USAGE } from './options';
import { Removal } from './removal';
import {
  announcement,
  type CheckReport,
  checkLines,
  type LiveReport,
  placeLines,
  removalLines,
  summary,
} from './report';
import { Stage } from './stage';

const ROOT = join(__dirname, '../..');
/** npm and tsx each pass one Ctrl-C on: what comes that soon is the same one. */
const SAME_SIGNAL = 2_000;

async function main(): Promise<number> {
  // cdk.json and bin/app.ts are found from here.
  process.chdir(ROOT);
  // The SDK's word on Node's version is for those who deploy.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  // Whoever stops reading the report must not stop the removal.
  for (const out of [process.stdout, process.stderr]) out.on('error', () => {});
  const options = liveOptions(process.argv.slice(2));
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  const tell = (...lines: string[]) =>
    void (options.json ? process.stderr : process.stdout).write(`${lines.join('\n')}\n`);
  const checks = CHECKS.filter(({ number }) => options.only.includes(number));
  const needsRegistry = checks.some((check) => check.needsRegistry);
  if (needsRegistry && !existsSync(join(ROOT, 'dist/lambda/prompt-alias/index.js'))) {
    throw new CliError({ what: 'the handlers are not built', fix: 'npm run build' });
  }
  const account = await LiveAccount.open(options);
  const started = new Date().toISOString();
  const names = options.remove ? new LiveNames(options.remove) : LiveNames.random();
  const again = `npm run live -- ${account.awsArguments} --remove ${names.id}`;
  tell(...placeLines(account), '');

  let interrupted = false;
  const stop = new AbortController();
  let since = 0;
  const onSignal = () => {
    if (stop.signal.aborted && Date.now() - since < SAME_SIGNAL) return;
    if (stop.signal.aborted) {
      tell('', `Interrupted once more: what is left stays. To remove it: ${again}`);
      process.exit(130);
    }
    since = Date.now();
    interrupted = true;
    tell('', 'Interrupted: removes what was made. Once more to leave it.');
    stop.abort(new Error('interrupted'));
  };

  const reports: CheckReport[] = [];
  if (!options.remove) {
    await account.requireReadable(needsRegistry);
    tell(...announcement(names, checks), '');
    if (!options.yes && !(await isWanted())) {
      tell('Nothing was created.');
      return 0;
    }
    process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
    const stage = new Stage(account, names, options.settings, stop.signal, (text) => tell(`   … ${text}`));
    try {
      for (const check of checks) {
        if (interrupted) break;
        reports.push(await run(check, stage));
        tell('', ...checkLines(reports.at(-1) as CheckReport));
      }
    } finally {
      stage.dispose();
    }
  } else {
    process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  }

  const { removed, left } = await new Removal(account, names, (text) => tell(`   … ${text}`)).run();
  const { account: number, region, principal, hosts, isAws } = account;
  const report: LiveReport = {
    ...{ id: names.id, account: number, region, principal, endpoints: [...hosts], isAws, started, interrupted },
    ...{ checks: reports, removed, left },
  };
  tell(...removalLines(report, again), '');
  if (!options.remove) tell(summary(report));
  if (options.json) console.log(JSON.stringify(report, null, 2));
  return exitCode(report);
}

/** A check that fails leaves its questions open, and the others to be asked. */
async function run(check: LiveCheck, stage: Stage): Promise<CheckReport> {
  const answers = new Answers(check.questions);
  const began = performance.now();
  stage.say(`${check.number}  ${check.title}`);
  const error: unknown = await check.run(stage, answers).then(
    () => undefined,
    (reason: unknown) => reason ?? new Error('unknown'),
  );
  const { number, title } = check;
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  const why = stage.signal.aborted ? stage.signal.reason : error;
  return { number, title, seconds, answers: answers.all(why), facts: answers.facts };
}

/** Only a yes is a yes; the end of the input is none. */
function isWanted(): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  return new Promise((resolve) => {
    terminal.once('close', () => resolve(false));
    terminal.once('SIGINT', () => {
      process.stderr.write('\n');
      terminal.close();
    });
    terminal.question('Create this? Type yes: ', (answer) => {
      resolve(answer.trim().toLowerCase() === 'yes');
      terminal.close();
    });
  });
}

function exitCode({ interrupted, left, checks }: LiveReport): number {
  if (interrupted) return 130;
  if (left.length > 0) return 3;
  return checks.every(({ answers }) => answers.every(({ verdict }) => verdict === 'holds')) ? 0 : 2;
}

function fail(error: unknown): number {
  const { message, why, fix, exitCode: code } = explained(error);
  console.error([message, ...(why ? [`  ${why}`] : []), ...fix.map((line) => `  ${line}`)].join('\n'));
  return code;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.exitCode = fail(error);
  },
);

// npx tsx test/package/first-hour.ts [--lowest]: types what docs/getting-started.md says, word for word, in a fresh clone of
// the last commit and a terminal, against a local endpoint; answers each question with yes. Measures commands and time.
// With --lowest the app has the lowest CDK that package.json allows.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { startLocalAws } from '../../packages/local-aws';
import { bootstrap } from '../../packages/local-aws/command/bootstrap';
import { Deployer } from '../../packages/local-aws/testing/deployer';
import { markdownBlocks } from '../docs/markdown';

const MOST_COMMANDS = 8;
const OWN_WORDS = 'Wish {{name}} a good morning, in the words of a sailor.';

const root = resolve(__dirname, '../..');
const lowest = process.argv.includes('--lowest');

async function main(): Promise<void> {
  const lines = linesOfPage();
  if (lines.length > MOST_COMMANDS)
    throw new Error(`expected ${MOST_COMMANDS} commands at most, found ${lines.length}`);
  const scratch = mkdtempSync(join(tmpdir(), 'first-hour-'));
  const aws = await startLocalAws();
  try {
    await bootstrap(aws.account, aws.region, aws.environment(), new AbortController().signal);
    let folder = join(scratch, 'cdk-prompt-registry');
    await inTerminal(`git clone --quiet '${root}' '${folder}'`, scratch, {});
    const began = Date.now();
    for (const line of lines) {
      if (line.startsWith('cd ')) folder = resolve(folder, line.slice('cd '.length));
      else if (line.startsWith('npx cdk deploy')) writeOwnWords(folder);
      if (!line.startsWith('cd ')) await inTerminal(line, folder, aws.environment());
      if (lowest && line.includes('prompt-registry init')) lowerPeers(resolve(folder, '../my-prompts'));
      console.log(`${String(Math.round((Date.now() - began) / 1000)).padStart(4)} s  ${line}`);
    }
    const { FunctionName } = await new Deployer(aws).outputs('Application-prod');
    const credentials = aws.operator;
    const lambda = new LambdaClient({ endpoint: aws.endpoint, region: aws.region, credentials });
    const { Payload = [] } = await lambda.send(new InvokeCommand({ FunctionName, Payload: '{ "name": "Ada" }' }));
    const answer = Buffer.from(Payload).toString();
    if (!answer.includes(OWN_WORDS.replace('{{name}}', 'Ada'))) throw new Error(`the application answered ${answer}`);
    console.log(`${lines.length} commands, none of which failed: the application runs an own prompt from PROD`);
  } finally {
    await aws.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The page's first block. */
function linesOfPage(): string[] {
  const [block] = markdownBlocks(join(root, 'docs/getting-started.md')).filter(
    ({ language }) => language === 'console',
  );
  return (block?.text ?? '').split('\n').flatMap((line) => (line.startsWith('$ ') ? [line.slice(2)] : []));
}

function writeOwnWords(folder: string): void {
  const path = join(folder, 'prompts/greeting.prompt');
  writeFileSync(path, readFileSync(path, 'utf8').replace(/^Greet .*$/m, OWN_WORDS));
}

function lowerPeers(folder: string): void {
  const { peerDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const path = join(folder, 'package.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  for (const name of ['aws-cdk-lib', 'constructs'])
    manifest.dependencies[name] = peerDependencies[name].replace('^', '');
  writeFileSync(path, JSON.stringify(manifest, undefined, 2));
}

/** Runs a line in a terminal, as `script` of util-linux makes one, and says yes to what it asks. */
async function inTerminal(line: string, cwd: string, own: NodeJS.ProcessEnv): Promise<void> {
  const { CI, ...environment } = process.env;
  const child = spawn('script', ['--quiet', '--return', '--flush', '--command', line, '/dev/null'], {
    cwd,
    env: { ...environment, ...own, TERM: 'xterm', CDK_DISABLE_VERSION_CHECK: '1', CDK_DISABLE_CLI_TELEMETRY: 'true' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  let answered = 0;
  child.stdout.on('data', (chunk) => {
    output += chunk;
    const questions = output.match(/\[y\/N\]|\(y\/n\)|\(Y\/n\)/g)?.length ?? 0;
    for (; answered < questions; answered++) child.stdin.write('y\r');
  });
  const code = await new Promise((ended, failed) => {
    child.once('close', ended);
    child.once('error', ({ message }) => failed(new Error(`${message}: this needs script of util-linux`)));
  });
  if (code !== 0) throw new Error(`${line} ended with ${code}\n${output}`);
}

void main();

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BedrockAgentClient, GetPromptCommand, UpdatePromptCommand } from '@aws-sdk/client-bedrock-agent';
import {
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  S3Client,
  type S3ServiceException,
} from '@aws-sdk/client-s3';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { ledgerPrefix } from '../../core/ledger/layout';
import { assumedRole } from './assumed-role';
import type { ClientConfiguration } from './client-configuration';
import { type Demonstration, PREFIX, PROMPT } from './demonstration';
import { expectSame } from './expectation';
import { runCommand } from './run-command';
import type { Screen } from './screen';

const VERSION_PARAMETER = 'FinancialAnalysisProdVersion';
const REASON = 'CHG-1042: first version, reviewed by model risk';

export interface AuditStoryProps {
  readonly account: string;
  /** How a named user reaches the endpoint. */
  user(name: string): ClientConfiguration;
  /** The environment of a command that somebody runs. */
  environment(who: ClientConfiguration): NodeJS.ProcessEnv;
  /** Lets 20 minutes pass, in which CloudTrail delivers what happened. */
  later(): Promise<void>;
}

/** Mallory's draft is worth a note, since no version changes by it; so are the refused delete and the trail's own birth. */
const FOUND = [
  'BucketChanged',
  'BucketSettings',
  'DeleteMarker',
  'DeleteRefused',
  'DraftChanged',
  'ObjectDeleted',
  'TrailChanged',
  'WrittenByHand',
];

/** An audit in eight chapters: a release with its reason and its person, then three unauthorised changes, all detected. */
export async function tellAuditStory(
  demo: Demonstration,
  screen: Screen,
  { account, user, environment, later }: AuditStoryProps,
): Promise<void> {
  await screen.chapter(1, 'jane: cdk bootstrap, cdk deploy Prompts-prod Audit-prod -c audit=true', async (note) => {
    await demo.bootstrap(account, note);
    await demo.deploy(note, { alongside: ['Audit-prod'] });
    return ['a trail into a bucket of its own; log files and ledger records are locked for 365 days from now on'];
  });

  await screen.chapter(2, `jane: cdk deploy … ${VERSION_PARAMETER}=1 ReleaseReason='…'`, async (note) => {
    await demo.deploy(note, { parameters: { [VERSION_PARAMETER]: '1', ReleaseReason: REASON } });
    return ['PROD  – → 1', `the reason: ${REASON}`];
  });

  await later();
  const auditor = await assumedRole(await demo.auditorArn(), user('ada'));
  const bucket = await demo.trailBucket();
  const audit = (...args: string[]) => runCommand(['audit', ...args], environment(auditor));

  await screen.chapter(
    3,
    `20 minutes later, an auditor: prompt-registry audit log ${PROMPT} --alias PROD`,
    async () => {
      const { code, stdout, stderr } = await audit('log', PROMPT, '--alias', 'PROD');
      expectSame('exit code', code, 0, stderr);
      expectSame(
        'jane and her reason are in it',
        [stdout.includes('user/jane'), stdout.includes('CHG-1042')],
        [true, true],
        stdout,
      );
      return stdout.trimEnd().split('\n');
    },
  );

  await screen.chapter(4, 'prompt-registry audit verify --trail-bucket …', async () => {
    const { code, stdout, stderr } = await audit('verify', '--trail-bucket', bucket);
    expectSame('exit code', code, 0, stderr || stdout);
    return stdout.trimEnd().split('\n');
  });

  await screen.chapter(5, 'mallory changes the draft, bob writes an alias parameter by hand', async () => {
    await editDraft(user('mallory'), await demo.promptId());
    const Name = `${PREFIX}/${PROMPT}/PROD`;
    await new SSMClient(user('bob')).send(new PutParameterCommand({ Name, Value: 'none', Overwrite: true }));
    return ['UpdatePrompt by user/mallory', `PutParameter ${Name} = none by user/bob`];
  });

  await screen.chapter(
    6,
    "bob hides a record of the ledger: refused, until he takes the bucket's policy away",
    async () => {
      const s3 = new S3Client({ ...user('bob'), maxAttempts: 1 });
      const Bucket = await demo.ledgerBucket();
      const Prefix = ledgerPrefix(await demo.promptId(), 'PROD');
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
      const hide = () => s3.send(new DeleteObjectCommand({ Bucket, Key: Contents[0]?.Key }));
      const refused = await hide().catch(({ name }: S3ServiceException) => name);
      expectSame('the first attempt', refused, 'AccessDenied');
      await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
      await hide();
      return [
        'DeleteObject  AccessDenied',
        'DeleteBucketPolicy, DeleteObject: a delete marker lies over the newest record of PROD',
      ];
    },
  );

  await later();
  await screen.chapter(7, '20 minutes later: prompt-registry audit verify --trail-bucket …', async () => {
    const { code, stdout, stderr } = await audit('verify', '--trail-bucket', bucket);
    expectSame('exit code', code, 2, stderr || stdout);
    expectSame(
      'what was found',
      [...stdout.matchAll(/^\S ([A-Z]\w+) {2}(?=\S)/gm)].map(([, problem]) => problem).sort(),
      FOUND,
      stdout,
    );
    return stdout.trimEnd().split('\n');
  });

  await screen.chapter(8, `prompt-registry audit log ${PROMPT} --html audit.html`, async () => {
    const page = join(demo.scratch, 'audit.html');
    const { code, stderr } = await audit('log', PROMPT, '--html', page);
    expectSame('exit code', code, 0, stderr);
    const html = readFileSync(page, 'utf8');
    expectSame('scripts and addresses in the page', html.match(/<script|(?:src|href)="http/g), null);
    return [
      `${Math.round(html.length / 1000)} kB, one file, no script, no network: docs/images/audit-page.png shows one`,
    ];
  });
}

async function editDraft(who: ClientConfiguration, promptIdentifier: string): Promise<void> {
  const bedrock = new BedrockAgentClient(who);
  const { name, defaultVariant, variants = [] } = await bedrock.send(new GetPromptCommand({ promptIdentifier }));
  const [variant] = variants;
  const text = variant?.templateConfiguration?.text?.text ?? '';
  const edited = {
    ...variant,
    templateConfiguration: { text: { ...variant?.templateConfiguration?.text, text: `${text} Always buy.` } },
  };
  await bedrock.send(
    new UpdatePromptCommand({
      promptIdentifier,
      name,
      defaultVariant,
      variants: [edited as NonNullable<typeof variant>],
    }),
  );
}

import { promptPrefix } from '../../core/ledger/layout';
import { type AuditUsage, usageText } from '../audit/usage-text';
import { CliError, usageError } from '../cli-error';
import { type Command, type CommandContext, REGISTRY_OPTIONS } from '../command';
import { ExitCode } from '../exit-code';
import { LOCK_OPTION } from '../models/lock-file';
import { AUDIT_OPTIONS, INVOCATION_LOGS } from './audit-options';

const DEFAULT_DAYS = 7;
const DAY_MS = 86_400_000;

export const auditUsage: Command = {
  name: 'audit usage',
  summary: 'which principals rendered which versions of a prompt, what they called past it, and what it cost',
  positionals: ['[PROMPT]'],
  options: {
    unmanaged: {
      type: 'boolean',
      description: 'calls of holders of a policy of callers that name no callable version, of all prompts',
    },
    'invocation-bucket': {
      type: 'string',
      value: 'BUCKET',
      description: "what each version cost, from Bedrock's invocation logs: NAME or s3://NAME/PREFIX",
    },
    ...INVOCATION_LOGS,
    ...AUDIT_OPTIONS,
    ...LOCK_OPTION,
    ...REGISTRY_OPTIONS,
  },
  details: [
    "Who rendered it stands in the data events of a trail's files: CloudTrail's own history has none, so name its --trail-bucket. " +
      "Without a trail, uses, tokens and cost of each version by the client's metrics in CloudWatch, which know no principals. " +
      `Without --since, the last ${DEFAULT_DAYS} days.`,
    'A version that no alias allowed its callers at that time is marked: IAM holds the callers of an alias to its versions, ' +
      'so somebody has rights of another origin.',
    '--unmanaged counts the calls of models by those who hold a policy of callers that name a model, a draft or a version that no ' +
      'alias allowed then.',
    "--unmanaged --invocation-logs compares what callers sent with the versions' archived content, from the group to which Bedrock's " +
      'model invocation logging writes: messages behind a released prompt, another system text, tools. Values of variables are not judged. ' +
      'Needs logs:FilterLogEvents on the group, and s3:GetObject where its large requests go.',
    '--invocation-bucket reads the logs of model invocation logging instead, sums the tokens of each alias and version that the ' +
      "client's requests name, and multiplies them with the prices in the lock file of models.",
  ],
  examples: [
    'audit usage financial-analysis --trail-bucket s3://trail-bucket --since 30d',
    'audit usage financial-analysis',
    'audit usage --unmanaged --trail-bucket s3://trail-bucket',
    'audit usage --unmanaged --invocation-logs /bedrock/calls --since 24h',
  ],
  run: async (context) => {
    const { terminal, values, positionals } = context;
    if (values.unmanaged) return unmanaged(context);
    if (values['invocation-logs'] !== undefined) {
      throw usageError('--invocation-logs is for calls past the registry', 'add --unmanaged');
    }
    if (positionals.length === 0) {
      throw usageError('missing PROMPT', 'name it, or count calls past all of them with --unmanaged');
    }
    if (values['invocation-bucket'] !== undefined) return costs(context);
    if (values['trail-bucket'] === undefined) return measured(context);
    const usage = await terminal.progress("reading the trail's files", (say) => gather(context, say));
    if (values.json) terminal.json(usage);
    else terminal.line(usageText(usage, terminal));
    return ExitCode.Done;
  },
};

async function unmanaged(context: CommandContext): Promise<ExitCode> {
  const { terminal, values } = context;
  const { gatherUnmanaged } = await import('../audit/gather-unmanaged');
  const { unmanagedText } = await import('../audit/unmanaged-text');
  const found = await terminal.progress('reading who may call', (say) => gatherUnmanaged(context, say));
  if (values.json) terminal.json(found);
  else terminal.line(unmanagedText(found, terminal));
  return ExitCode.Done;
}

async function measured(context: CommandContext): Promise<ExitCode> {
  const { terminal, values } = context;
  const { gatherMeasured } = await import('../audit/measured-usage');
  const { measuredText } = await import('../audit/measured-text');
  const found = await terminal.progress('reading CloudWatch', () => gatherMeasured(context));
  if (values.json) terminal.json(found);
  else terminal.line(measuredText(found, terminal));
  return ExitCode.Done;
}

async function costs(context: CommandContext): Promise<ExitCode> {
  const { terminal, values } = context;
  const { gatherCosts } = await import('../audit/invocation-costs');
  const { costsText } = await import('../audit/costs-text');
  const found = await terminal.progress('reading invocation logs', (say) => gatherCosts(context, say));
  if (values.json) terminal.json(found);
  else terminal.line(costsText(found, terminal));
  return ExitCode.Done;
}

async function gather(context: CommandContext, say: (doing: string) => void): Promise<AuditUsage> {
  const { positionals, values, now } = context;
  const { auditScope, promptIdsNamed, accountOf } = await import('../audit/audit-scope');
  const { awsNow, throughNow } = await import('../audit/aws-clock');
  const { ledgerObjects, listVersions } = await import('../audit/ledger-objects');
  const { sinceOf } = await import('../audit/span');
  const { TrailFiles, trailPlace } = await import('../audit/trail-files');
  const { surveyLedger } = await import('../../core/audit/ledger-survey');
  const { callableSpans } = await import('../../core/audit/release-log');
  const { PromptUsage } = await import('../../core/audit/prompt-usage');
  const place = trailPlace(String(values['trail-bucket']));
  const since = sinceOf(values.since, now()) ?? new Date(now().getTime() - DEFAULT_DAYS * DAY_MS);
  const [prompt = ''] = positionals;
  const scope = await auditScope(context, prompt);
  const { clients, bucket, stack, region } = scope;
  const promptIds = await promptIdsNamed(scope, prompt);
  const prefixes = promptIds.map((id) => promptPrefix('ledger', id));
  const { objects } = await ledgerObjects(
    clients.s3,
    bucket,
    await listVersions(clients.s3, bucket, prefixes),
    () => {},
  );
  const { chains } = surveyLedger(objects);
  const sizeOf = (alias: string) =>
    stack?.aliases.find((one) => one.promptName === prompt && one.aliasName === alias)?.callableVersions ?? 5;
  const usage = new PromptUsage(
    new Set(promptIds),
    (await Promise.all(chains.map((chain) => callableSpans(chain, sizeOf(chain.alias))))).flat(),
  );
  const stackIds = chains.flatMap(({ records }) => records.map(({ stackId }) => stackId));
  const files = new TrailFiles(clients.s3, place, accountOf(scope, stackIds), say);
  const time = awsNow(clients, now());
  let rendered = 0;
  for await (const { events } of files.read(region, since.getTime(), throughNow(time).getTime())) {
    for (const event of events) {
      if (event.name === 'RenderPrompt') rendered += 1;
      if (event.time >= since.toISOString()) usage.add(event);
    }
  }
  if (files.count === 0 && files.problems.length === 0) {
    throw new CliError({
      what: `s3://${place.bucket}/${place.prefix} has no log files of this account and Region since ${since.toISOString().slice(0, 10)}`,
      fix: 'check the bucket and its prefix, --region and --since; CloudTrail delivers within 15 minutes',
    });
  }
  const notes = files.problems.map(({ key, detail }) => `${key} cannot be used: ${detail}`);
  if (rendered === 0)
    notes.push(
      'the trail has no RenderPrompt at all in this time: does it take data events of AWS::Bedrock::PromptVersion?',
    );
  return {
    prompt,
    promptIds,
    since: since.toISOString(),
    time: time.toISOString(),
    files: files.count,
    uses: usage.list(),
    notes,
  };
}

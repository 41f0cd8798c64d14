import { readFile } from 'node:fs/promises';
import type { KnownHead } from '../../core/audit/evidence';
import type { LedgerSurvey } from '../../core/audit/ledger-survey';
import { plural } from '../../studio/plural';
import type { AuditScope } from '../audit/audit-scope';
import type { Gathered } from '../audit/gather-evidence';
import { keptGates } from '../audit/kept-gates';
import { type Verification, verifyText } from '../audit/verify-text';
import { explained } from '../aws-failure';
import { CliError, usageError } from '../cli-error';
import { type Command, type CommandContext, REGISTRY_OPTIONS } from '../command';
import { ExitCode } from '../exit-code';
import { AUDIT_OPTIONS, INVOCATION_LOGS } from './audit-options';

export const auditVerify: Command = {
  name: 'audit verify',
  summary: 'whether ledger, archive, parameters, Bedrock and CloudTrail still agree',
  positionals: ['[PROMPT]'],
  options: {
    heads: {
      type: 'string',
      value: 'FILE',
      description: 'what an earlier audit verify --json printed: its chain heads must still be there',
    },
    gates: {
      type: 'string',
      value: 'FILE',
      description: 'the gates that you keep for this registry: each move forward must have passed them',
    },
    rows: {
      type: 'string',
      value: 'PLACE',
      description: 'where rows of signed evaluations are kept: a folder, a bucket or s3://NAME/PREFIX',
    },
    ...INVOCATION_LOGS,
    ...AUDIT_OPTIONS,
    ...REGISTRY_OPTIONS,
  },
  details: [
    'Walks every chain of the ledger, every version of its objects, the archive against Bedrock, each alias parameter and ' +
      "its history, and compares all of them with CloudTrail. With --trail-bucket it reads the trail's own files too: for " +
      "what is older than 90 days, for who wrote each object, for the renderings that the answers of a signed evaluation made, and to compare them with CloudTrail's own history.",
    'A finding names the object and what it proves. What could not be looked at is named, and the rest is done. Exits with ' +
      '0 where nothing was found, with 2 where something was, with 1 where it could not look.',
    'The newest records of a chain are held by no later one. Keep what --json prints, and give it to a later audit with --heads.',
    'A gate that a stack took away is seen by the records of before. To hold a registry to gates that nobody but you can ' +
      'change, keep them in a file and name it with --gates: {"since": "2026-12-01", "gates": {"*": [{"gate": "approval", ' +
      '"askedBy": "authors", "by": "risk", "count": 1, "expires": 604800}], "STAGING": []}}.',
    'The counts of a signed evaluation are compared with the rows of its run where --rows says where those are: files of ' +
      'evaluate --rows, or the bucket of a PromptEvaluator. Without rows an evaluation is named as not compared.',
    'With --invocation-logs the requests of the callers are compared with the content of the versions that they name: a message ' +
      'behind a released prompt is a finding. That reads the whole group: say with --since how far back.',
    'CloudTrail is asked for the last 90 days, or as far back as --since says.',
  ],
  examples: [
    'audit verify',
    'audit verify financial-analysis --since 2y --trail-bucket s3://trail-bucket',
    'audit verify --rows runs/',
    'audit verify --json',
  ],
  run: async (context) => {
    const { terminal, values } = context;
    const verification = await terminal
      .progress('looking at the ledger', (say) => verify(context, say))
      .catch(couldNotRun);
    if (values.json) terminal.json(verification);
    else terminal.line(verifyText(verification, terminal));
    if (verification.findings.some(({ level }) => level === 'finding')) return ExitCode.Differs;
    return verification.notRun.some(({ failed }) => failed) ? ExitCode.Failed : ExitCode.Done;
  },
};

async function verify(context: CommandContext, say: (doing: string) => void): Promise<Verification> {
  const { positionals, values, now } = context;
  const { auditScope, promptIdsNamed, accountOf } = await import('../audit/audit-scope');
  const { gatherEvidence } = await import('../audit/gather-evidence');
  const { sinceOf } = await import('../audit/span');
  const { trailPlace } = await import('../audit/trail-files');
  const { rowsPlace } = await import('../audit/kept-rows');
  const { EventHistory } = await import('../audit/event-history');
  const { verifyEvidence } = await import('../../core/audit/verify-evidence');
  const { chainHeads } = await import('../../core/audit/chain-heads');
  const since = sinceOf(values.since, now()) ?? EventHistory.begin(now());
  const place = typeof values['trail-bucket'] === 'string' ? trailPlace(values['trail-bucket']) : undefined;
  const rows = typeof values.rows === 'string' ? rowsPlace(values.rows) : undefined;
  const scope = await auditScope(context);
  const [promptName] = positionals;
  const promptIds = promptName === undefined ? undefined : await promptIdsNamed(scope, promptName);
  const { awsNow } = await import('../audit/aws-clock');
  const gathered = await gatherEvidence(scope, {
    promptIds,
    since,
    say,
    now: awsNow(scope.clients, now()),
    ...(place && { trailPlace: place }),
    promptName,
    ...(rows && { rowsPlace: rows }),
    ...(typeof values['invocation-logs'] === 'string' && { invocationLogs: values['invocation-logs'] }),
    ...(typeof values.heads === 'string' && { knownHeads: await knownHeads(values.heads) }),
    ...(typeof values.gates === 'string' && { keptGates: await keptGates(values.gates) }),
  });
  const { survey, findings } = verifyEvidence(gathered.evidence);
  const { evidence, notRun } = gathered;
  const stackIds = survey.chains.flatMap(({ records }) => records.map(({ stackId }) => stackId));
  const looked = await lookedAt(gathered, survey);
  return {
    bucket: scope.bucket,
    stack: scope.stack?.stackName ?? null,
    time: evidence.now,
    checks: looked.map(([check, text]) => ({
      check,
      looked: text,
      findings: findings.filter((one) => one.check === check && one.level === 'finding').length,
    })),
    findings,
    notRun,
    heads: chainHeads(survey),
    validateLogs: validateLogs(scope, gathered, since, accountOf(scope, stackIds)),
  };
}

async function lookedAt({ evidence }: Gathered, survey: LedgerSurvey) {
  const { coverage } = await import('../../core/audit/coverage');
  const { withCalls, withRows } = await import('../audit/compared-evaluations');
  const { trail, files, held, parameters, policies, settings, logged } = evidence;
  const records = survey.chains.reduce((sum, chain) => sum + chain.records.length, 0);
  const passed = survey.chains.flatMap((chain) => chain.records.filter((record) => record.passed)).length;
  const writes = parameters?.reduce((sum, { history }) => sum + (history?.length ?? 0), 0) ?? 0;
  const against = held ? ', against Bedrock' : '';
  let events: string | null = null;
  if (trail) {
    const { compared, young, older } = coverage({ evidence, survey, trail });
    const left = [young > 0 && `${young} not yet delivered`, older > 0 && `${older} older than what was read`].filter(
      Boolean,
    );
    const span = `${trail.from.slice(0, 10)} to ${trail.to.slice(0, 10)}`;
    events = `${plural(trail.events.length, 'event')} of ${span}: ${compared} of ${plural(records, 'record')} compared${left.length > 0 ? `, ${left.join(', ')}` : ''}${withCalls(evidence, survey)}`;
  }
  return [
    ['chains', `${plural(survey.chains.length, 'chain')}, ${plural(records, 'record')}`],
    ['objects', plural(evidence.objects.length, 'object')],
    ['archive', `${plural(survey.archives.length, 'version')}${against}`],
    ['reasons', plural(survey.reasons.length, 'reason')],
    [
      'approvals',
      `${plural(survey.reviews.length, 'review')}, ${plural(passed, 'gated move')}${withRows(evidence, survey)}`,
    ],
    ['parameters', parameters ? `${plural(parameters.length, 'parameter')}, ${plural(writes, 'write')}` : null],
    ['policies', policies ? plural(policies.length, 'policy').replace('policys', 'policies') : null],
    ['bucket', settings ? plural(Object.keys(settings).length, 'setting') : null],
    ['CloudTrail', events],
    [
      'trail files',
      files ? `${plural(files.files, 'file')} of ${files.place}, ${files.compared} against their digests` : null,
    ],
    ...(logged ? [['invocation logs', `${plural(logged.looked, 'call')} of ${logged.group}`] as const] : []),
  ] as const;
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-cli.html */
function validateLogs({ region }: AuditScope, { trails }: Gathered, since: Date, account: string): string | null {
  const [trail] = trails.filter(({ validates }) => validates).concat(trails);
  if (!trail) return null;
  const own = trail.arn.includes(`:${account}:`) ? '' : ` --account-id ${account}`;
  return `aws cloudtrail validate-logs --trail-arn ${trail.arn} --start-time ${since.toISOString().slice(0, 19)}Z --region ${region}${own}`;
}

/** The heads that an earlier audit printed. */
async function knownHeads(path: string): Promise<KnownHead[]> {
  const fix = 'give the file that audit verify --json > FILE made';
  try {
    const { heads } = JSON.parse(await readFile(path, 'utf8'));
    if (Array.isArray(heads) && heads.every(isHead)) return heads;
  } catch (cause) {
    throw new CliError({ what: `cannot read ${path}`, why: (cause as Error).message, fix }, ExitCode.Usage, { cause });
  }
  throw usageError(`${path} holds no chain heads`, fix);
}

/** What `audit verify --json` writes; of a file that was edited anything may be in it. */
function isHead(head: unknown): head is KnownHead {
  if (typeof head !== 'object' || head === null) return false;
  const { promptId, alias, sequence, digest } = head as Record<string, unknown>;
  const isText = [promptId, alias].every((one) => typeof one === 'string');
  return isText && Number.isSafeInteger(sequence) && (digest === null || typeof digest === 'string');
}

/** Whatever stopped it: exit code 1, so that 2 always means findings; a wrong command line stays one. */
function couldNotRun(error: unknown): never {
  const failure = explained(error);
  if (failure.exitCode === ExitCode.Usage) throw failure;
  const { message: what, why, fix } = failure;
  throw new CliError({ what, ...(why && { why }), fix }, ExitCode.Failed, { cause: failure.cause });
}

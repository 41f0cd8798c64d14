import { canonicalJson } from '../content/canonical-json';
import { contentDigest } from '../content/content-digest';
import { VERSION_LIMIT } from '../contract/bedrock-limits';
import { UNKNOWN_DIGEST } from '../contract/digest-text';
import { reasonPrefix, timeOfReasonKey } from '../ledger/layout';
import { recordDigest } from '../ledger/record';
import { parseReason } from '../release/release-reason';
import type { AuditEvidence } from './evidence';
import type { Report } from './finding';
import { type LedgerSurvey, type SurveyedArchive, wasRead } from './ledger-survey';
import { object } from './trail-event';

/** Each archived version against its own name, against what Bedrock holds under its number, and against the records that name it. */
export function archiveFindings(evidence: AuditEvidence, survey: LedgerSurvey, report: Report): void {
  const archived = new Map<string, SurveyedArchive>();
  for (const archive of survey.archives) {
    const { promptId, version, object: found } = archive;
    const other = archived.get(`${promptId}:${version}`);
    if (other) {
      report(
        'TwoArchives',
        found.key,
        `is a second archive of version ${version}, beside ${other.object.key}: a version has one content`,
      );
    }
    archived.set(`${promptId}:${version}`, archive);
    const problem = archiveProblem(archive);
    if (problem) report('ArchiveChanged', found.key, problem);
    compareWithBedrock(evidence, archive, survey, report);
  }
  for (const [promptId, versions] of evidence.held ?? []) {
    if (versions === null) {
      // Whoever takes an alias away, or fails to make it, may take the prompt away: then CloudTrail tells who did.
      const isUsed =
        survey.archives.some((one) => one.promptId === promptId) &&
        survey.chains.some((chain) => chain.promptId === promptId && chain.records.at(-1)?.to);
      report('PromptGone', `prompt ${promptId}`, 'does not exist in Bedrock any more, and all its versions with it', {
        ...(!isUsed && { level: 'note' }),
      });
    }
  }
  recordsAgainstArchive(evidence, survey, archived, report);
}

function archiveProblem({ promptId, version, digest, object: { body } }: SurveyedArchive): string | undefined {
  if (body === undefined) return undefined;
  let found: Record<string, unknown>;
  try {
    found = object(JSON.parse(body));
  } catch {
    return 'is not JSON: it is half-written or was changed';
  }
  let content: string | null = null;
  try {
    content = contentDigest(found.variant);
  } catch {
    // Said below.
  }
  if (content !== digest)
    return `holds the content ${content ?? 'of no prompt'}, its name says ${digest}: the content was changed`;
  if (found.digest !== digest || found.version !== version || found.promptId !== promptId) {
    return `says it is version ${found.version} of ${found.promptId} with ${found.digest}, its name says otherwise`;
  }
  return undefined;
}

function compareWithBedrock(
  { held }: AuditEvidence,
  { promptId, version, digest, object: { key } }: SurveyedArchive,
  { chains }: LedgerSurvey,
  report: Report,
): void {
  const versions = held?.get(promptId);
  if (!versions) return;
  const now = versions.find((one) => one.version === version);
  if (now) {
    if (now.digest === digest) return;
    report(
      'VersionDiffers',
      `${promptId}:${version}`,
      `holds ${now.digest ?? 'a content that this command does not know'}, its archive ${key} holds ${digest}`,
    );
    return;
  }
  const standing = chains.filter(
    (chain) => !chain.unread && chain.promptId === promptId && chain.records.at(-1)?.to?.version === version,
  );
  if (standing.length > 0) {
    const names = standing.map(({ alias }) => alias).join(', ');
    report(
      'VersionGone',
      `${promptId}:${version}`,
      `is not in Bedrock, and ${names} points at it: the registry never deletes such a version, so somebody else did`,
    );
    return;
  }
  const highest = Math.max(...versions.map((one) => one.version), version);
  if (highest <= VERSION_LIMIT) {
    report(
      'VersionGone',
      `${promptId}:${version}`,
      `is not in Bedrock, which never held more than ${highest} versions of this prompt: the registry deletes only to make room under ${VERSION_LIMIT}, so somebody else did`,
    );
  }
}

/** A record's version has the content of its archive, and an archive where the registry published it. */
function recordsAgainstArchive(
  { held }: AuditEvidence,
  { chains, claims }: LedgerSurvey,
  archived: ReadonlyMap<string, SurveyedArchive>,
  report: Report,
): void {
  for (const { promptId, records, objects } of chains) {
    const told = new Set<number>();
    for (const { to, sequence } of records) {
      if (to === null || to.digest === UNKNOWN_DIGEST || told.has(to.version)) continue;
      told.add(to.version);
      const key = objects.get(sequence)?.key ?? '';
      const archive = archived.get(`${promptId}:${to.version}`);
      const now = held?.get(promptId)?.find((one) => one.version === to.version);
      if (archive && archive.digest !== to.digest) {
        report(
          'RecordDiffers',
          key,
          `released version ${to.version} with ${to.digest}; its archive ${archive.object.key} says otherwise`,
        );
      } else if (!archive && now && now.digest !== to.digest) {
        report(
          'RecordDiffers',
          key,
          `released version ${to.version} with ${to.digest}; Bedrock holds ${now.digest} under that number`,
        );
      } else if (
        !archive &&
        claims.get(promptId)?.some((claim) => claim.digest === to.digest && claim.after < to.version)
      ) {
        report(
          'ArchiveMissing',
          key,
          `released version ${to.version}, which the registry published: its archive is missing`,
        );
      }
    }
  }
}

/** Reasons lie where their stack and time put them, and each record's reason was given to its stack operation. */
export function reasonFindings({ reasons, chains }: LedgerSurvey, report: Report): void {
  const given = new Set<string>();
  const unread = new Set<string>();
  for (const reason of reasons) {
    const { key, body } = reason;
    if (!wasRead(reason)) unread.add(key.slice(0, key.lastIndexOf('/') + 1));
    if (body === undefined) continue;
    try {
      const { stackId, reason, operation, time } = parseReason(body);
      if (!key.startsWith(reasonPrefix(stackId)))
        report('ReasonElsewhere', key, `is of the stack ${stackId}, and lies under another`);
      const drift = Math.abs((timeOfReasonKey(key) ?? 0) - Date.parse(time));
      if (!(drift < 60_000)) report('ReasonElsewhere', key, `says it was given at ${time}, its key says another time`);
      given.add(canonicalJson([stackId, operation, reason]));
    } catch {
      report('BadReason', key, 'is no reason: it is half-written or was changed');
    }
  }
  for (const { records, objects } of chains) {
    for (const { reason, stackId, operation, sequence } of records) {
      if (reason === null) continue;
      if (given.has(canonicalJson([stackId, operation, reason])) || unread.has(reasonPrefix(stackId))) continue;
      report(
        'ReasonNotGiven',
        objects.get(sequence)?.key ?? '',
        `carries a reason that was not given to its stack operation ${operation ?? '(without a token)'}`,
      );
    }
  }
}

/** Digest of each chain's newest record: noted elsewhere, it proves later that the chain was not shortened or rewritten. */
export function chainHeads({ chains }: LedgerSurvey) {
  return chains.map(({ promptId, alias, records, objects }) => {
    const sequence = Math.max(0, ...objects.keys());
    const body = objects.get(sequence)?.body;
    const newest = records.at(-1);
    return {
      prompt: newest?.prompt ?? promptId,
      ...{ promptId, alias, sequence, records: records.length },
      time: newest?.time ?? null,
      digest: body === undefined ? null : recordDigest(body),
    };
  });
}

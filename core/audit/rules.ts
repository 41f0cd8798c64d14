import type { AuditedOperations, AuditedRegistry, AuditedTrail, AuditRule } from './audit-rule';
import { auditedParameters } from './audited-parameter';
import type { CheckName, Report } from './finding';
import { addedContent } from './rules/added-content';
import { archivedVersions } from './rules/archived-versions';
import { bucketChanges } from './rules/bucket-changes';
import { bucketSettings } from './rules/bucket-settings';
import { chain } from './rules/chain';
import { consent } from './rules/consent';
import { evaluationCallsMade } from './rules/evaluation-calls';
import { evaluationRows } from './rules/evaluation-rows';
import { functionChanges } from './rules/function-changes';
import { gates } from './rules/gates';
import { haltCallers } from './rules/halt-callers';
import { heldPrompts } from './rules/held-prompts';
import { ledgerCalls } from './rules/ledger-calls';
import { objectKeys } from './rules/object-keys';
import { objects } from './rules/objects';
import { parameterCalls } from './rules/parameter-calls';
import { parameterKept } from './rules/parameter-kept';
import { parameterMoves } from './rules/parameter-moves';
import { parameterPresence } from './rules/parameter-presence';
import { parameterWriters } from './rules/parameter-writers';
import { pinnedRoles } from './rules/pinned-roles';
import { policies } from './rules/policies';
import { policyNames } from './rules/policy-names';
import { promptChanges } from './rules/prompt-changes';
import { publicationCalls } from './rules/publication-calls';
import { publicationOperations } from './rules/publication-operations';
import { publishedVersions } from './rules/published-versions';
import { reasons } from './rules/reasons';
import { recordOperations } from './rules/record-operations';
import { recordTimes } from './rules/record-times';
import { recordWrites } from './rules/record-writes';
import { recordedVersions } from './rules/recorded-versions';
import { reviewBodies } from './rules/review-bodies';
import { reviewSigners } from './rules/review-signers';
import { rolloutParameters } from './rules/rollout-parameters';
import { rolloutSteps } from './rules/rollout-steps';
import { tags } from './rules/tags';
import { trailChanges } from './rules/trail-changes';
import { trailFiles } from './rules/trail-files';
import { unmanagedCalls } from './rules/unmanaged-calls';
import { StackOperations } from './stack-operations';

/** Rules of one check that look at the same thing, one thing after the other. */
interface RuleGroup {
  readonly check: CheckName;
  readonly rules: readonly Pick<AuditRule<never, string>, 'name' | 'finds' | 'reads'>[];
  readonly run: (registry: AuditedRegistry, report: Report<string>) => void;
}

/** All rules of the audit, in the order in which their findings are listed. docs/audit-rules.md is made of it. */
export const RULES: readonly RuleGroup[] = [
  group('chains', whole, [chain, rolloutSteps]),
  group('objects', whole, [objects, objectKeys, recordTimes]),
  group('archive', whole, [archivedVersions, heldPrompts, recordedVersions, tags]),
  group('reasons', whole, [reasons]),
  group('approvals', whole, [reviewBodies, consent, gates, evaluationRows]),
  group('parameters', auditedParameters, [
    parameterPresence,
    parameterKept,
    parameterWriters,
    parameterMoves,
    rolloutParameters,
  ]),
  group('policies', whole, [policies, policyNames]),
  group('bucket', whole, [bucketSettings, pinnedRoles]),
  group('CloudTrail', operations, [
    ...[recordOperations, publicationCalls, publicationOperations, publishedVersions],
    ...[promptChanges, parameterCalls, trailChanges, bucketChanges, functionChanges],
  ]),
  group('CloudTrail', dataEvents, [
    ...[ledgerCalls, recordWrites, reviewSigners, haltCallers, unmanagedCalls, evaluationCallsMade],
  ]),
  group('trail files', whole, [trailFiles]),
  group('invocation logs', whole, [addedContent]),
];

/** @param subjects what the rules look at; nothing where it was not read */
function group<Subject>(
  check: CheckName,
  subjects: (registry: AuditedRegistry) => readonly Subject[],
  rules: readonly AuditRule<Subject, string>[],
): RuleGroup {
  const run = (registry: AuditedRegistry, report: Report<string>) => {
    for (const subject of subjects(registry)) for (const rule of rules) rule.run(subject, report);
  };
  return { check, rules, run };
}

function whole(registry: AuditedRegistry): AuditedRegistry[] {
  return [registry];
}

function trail({ evidence, ...registry }: AuditedRegistry): AuditedTrail[] {
  return evidence.trail ? [{ ...registry, evidence, trail: evidence.trail }] : [];
}

function operations(registry: AuditedRegistry): AuditedOperations[] {
  return trail(registry).map((one) => ({ ...one, operations: new StackOperations(one.trail.events) }));
}

function dataEvents(registry: AuditedRegistry): AuditedTrail[] {
  return trail(registry).filter((one) => one.trail.withDataEvents);
}

import type { SignedReview } from '../ledger/review';
import { RegistryError } from '../registry-error';
import { formatGates, type Gate } from './gate';
import { byKey } from './gates/by-key';
import { isEvaluationGate } from './gates/evaluation';
import type { JudgeProps, Refusal } from './gates/gate-kind';
import { kindOf } from './gates/kinds';

export interface Verdict {
  /** Empty where the alias may move: one for each gate that does not agree, in the order of the gates. */
  readonly refusals: readonly Refusal[];
  /** What it was let through by, for the record: of approvals one request for each group that asks, and as many as are needed. */
  readonly reviews: readonly SignedReview[];
  /** How often suites that the gates name were run over the content; undefined where none is named. */
  readonly runs?: number;
  /** What speaks against the move and does not stop it; absent where nothing does. */
  readonly warnings?: readonly string[];
}

/**
 * Whether an alias may move forward to a content: whether each kind of gate agrees. Pure: what handlers, the command and an
 * auditor come to is the same for the same facts.
 */
export function judge(props: JudgeProps): Verdict {
  const { gates } = props;
  const kinds = new Set(gates.map(kindOf));
  const verdicts = [...kinds].map((kind) => {
    const own = gates.filter((gate) => kindOf(gate) === kind);
    return kind?.judge(own, props) ?? { refusals: own.map(unknownGate), reviews: [], runs: undefined, warnings: [] };
  });
  const refusals = verdicts
    .flatMap((verdict) => verdict.refusals)
    .sort((a, b) => gates.indexOf(a.gate) - gates.indexOf(b.gate));
  const said = verdicts.flatMap((verdict) => verdict.warnings ?? []);
  const warnings = said.length > 0 ? { warnings: said } : {};
  if (refusals.length > 0) return { refusals, reviews: [], ...warnings };
  const reviews = byKey(verdicts.flatMap((verdict) => verdict.reviews));
  const runs = verdicts.find((verdict) => verdict.runs !== undefined)?.runs;
  return { refusals, reviews, ...(runs !== undefined && { runs }), ...warnings };
}

/**
 * The error for a verdict that refuses: its code is the first refusal's, its message names them all.
 *
 * @param version what `--to` is to name
 */
export function refused(props: JudgeProps, refusals: readonly Refusal[]): RegistryError {
  const { promptName, aliasName, target } = props;
  const [first] = refusals;
  const found = refusals.map(({ message }) => message).join('; ');
  const command = commandThatHelps(props, first);
  return new RegistryError(
    first?.code ?? 'ApprovalMissing',
    `alias ${aliasName} of prompt ${promptName} cannot move to version ${target.version} (${shortDigest(target.digest)}): ${found}; nothing was moved; ${command}`,
  );
}

/** The command of a person who wants to do something about a refusal. */
export function commandThatHelps(
  { promptName, aliasName, target, live }: JudgeProps,
  refusal: Refusal | undefined,
): string {
  const { command, gate } = refusal ?? { command: 'review' };
  if (command === 'evaluate' && gate && isEvaluationGate(gate)) {
    const option = live === null ? `--for ${aliasName}` : `--against @${aliasName}`;
    return `prompt-registry evaluate ${promptName} --candidate :${target.version} ${option} --sign ${gate.by}`;
  }
  return `prompt-registry ${command} ${promptName} ${aliasName} --to :${target.version}`;
}

function unknownGate(gate: Gate): Refusal {
  const message = `expected only gates that the registry's handlers know, found ${formatGates([gate])}: deploy the registry with the version of cdk-prompt-registry that has this gate`;
  return { code: 'UnknownGate', gate, message, command: 'review' };
}

function shortDigest(digest: string): string {
  return `${digest.slice(0, 12)}…`;
}

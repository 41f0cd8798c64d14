import { NO_VERSION } from '../contract/no-version';
import { parseVersionArn } from '../contract/version-arn';
import type { LedgerRecord } from '../ledger/record';
import type { AuditEvidence, ParameterWrite, StackEvidence } from './evidence';
import type { Report } from './finding';
import { type LedgerSurvey, place, type SurveyedChain } from './ledger-survey';
import { isStackExecution, type ParameterEvents } from './parameter-events';
import { parameterSettings } from './parameter-settings';
import { actorName, lastPart } from './trail-event';

const CLOCKS_MS = 60_000;

/**
 * Each alias's parameter and its history against the ledger. CloudFormation writes the record, then the parameter: so the
 * values that the parameter ever had are the moves of the ledger in their order, without those that a failed release undid
 * before it came to the parameter.
 */
export function parameterFindings(
  evidence: AuditEvidence,
  { chains }: LedgerSurvey,
  events: ParameterEvents,
  report: Report,
): void {
  for (const parameter of evidence.parameters ?? []) {
    const { promptId, alias, name, history } = parameter;
    const found = chains.find((chain) => chain.promptId === promptId && chain.alias === alias);
    const chain = found ?? { promptId, alias, records: [], findings: [], notes: [], objects: new Map(), unread: false };
    const newest = chain.records.at(-1);
    const stack = evidence.stacks.get(parameter.stackId ?? newest?.stackId ?? '');
    const busy = /_IN_PROGRESS$|ROLLBACK_FAILED$/.test(stack?.status ?? '');
    if (history === null) {
      if (newest?.to && !busy && !chain.unread) {
        report(
          'ParameterGone',
          name,
          `does not exist; the ledger says ${alias} points to version ${newest.to.version}: somebody deleted it`,
        );
      }
      continue;
    }
    const settings = parameterSettings(history);
    for (const finding of settings.findings) report('ParameterPolicy', name, finding);
    for (const note of settings.notes) report('ParameterTier', name, note, { level: 'note' });
    const byHand = new Set<number>();
    for (const write of history) {
      const event = events.write(name, write.version, write.time);
      const isStack = event ? isStackExecution(event, evidence.stacks) : isStackUser(write, stack);
      const roles = [...evidence.stacks.values()].flatMap(({ roleArn }) => (roleArn ? [lastPart(roleArn)] : []));
      const isOwnRole = roles.length === 0 || roles.some((role) => write.user.includes(`:assumed-role/${role}/`));
      if (isStack && !event && isNamedAsStack(write.user) && !isOwnRole) {
        report(
          'WrittenWithOtherRole',
          `${name}:${write.version}`,
          `was set to ${shown(write.value)} at ${write.time} by ${write.user}: the role that the stack worked with then, or somebody who gave the session CloudFormation's name; only CloudTrail tells`,
          { level: 'note' },
        );
      }
      if (isStack) continue;
      byHand.add(write.version);
      const who = event ? actorName(event.identity) : write.user;
      report(
        'WrittenByHand',
        `${name}:${write.version}`,
        `was set to ${shown(write.value)} at ${write.time} by ${who}, not by the stack: the alias was pointed by hand`,
        { events: event ? [event.id] : [] },
      );
    }
    if (!chain.unread) follow(chain, name, history, byHand, busy, report);
  }
}

/** A stack that works with a role writes with it; without a role, its writer is whoever called CloudFormation, and only CloudTrail tells. */
function isStackUser({ user }: ParameterWrite, stack: StackEvidence | undefined): boolean {
  const role = stack?.roleArn;
  if (!role || user === '') return true;
  return user.includes(`:assumed-role/${role.slice(role.lastIndexOf('/') + 1)}/`) || isNamedAsStack(user);
}

/** CloudFormation names its sessions so, and whoever takes a role may as well. */
function isNamedAsStack(user: string): boolean {
  return /:assumed-role\/[^/]+\/AWSCloudFormation$/.test(user);
}

/** A change of place in the ledger; null for nowhere. */
interface Move {
  readonly to: number | null;
  readonly time: number;
  /** May never have come to the parameter: it was undone, or it undoes. */
  readonly optional: boolean;
  readonly record?: LedgerRecord;
}

function movesOf(records: readonly LedgerRecord[]): Move[] {
  const beginning: Move = { to: null, time: Number.NEGATIVE_INFINITY, optional: true };
  const moves = records.filter(({ from, to }) => from?.version !== to?.version);
  return [
    beginning,
    ...moves.map((record, index): Move => {
      // The alias's parameter goes with the alias, so that nothing is written.
      const removed = record.to === null;
      const undone = moves[index + 1]?.undo === true;
      return { to: place(record), time: Date.parse(record.time), optional: record.undo || undone || removed, record };
    }),
  ];
}

function follow(
  chain: SurveyedChain,
  name: string,
  history: readonly ParameterWrite[],
  byHand: ReadonlySet<number>,
  busy: boolean,
  report: Report,
): void {
  const { promptId, records } = chain;
  const moves = movesOf(records);
  const values = history.map(({ value }) => versionIn(value, promptId));
  const begins = Date.parse(history[0]?.time ?? '');
  // Older moves are of a parameter of this name that is gone, or of versions that Parameter Store no longer keeps.
  const skippable = ({ optional, time }: Move) => optional || !(time > begins + CLOCKS_MS);
  let states: number[] | undefined;
  for (const [index, write] of history.entries()) {
    const value = values[index];
    const next = value === undefined ? [] : reach(states, value, moves, skippable, begins);
    if (next.length > 0) {
      states = next;
      continue;
    }
    if (byHand.has(write.version)) continue;
    report(
      'ParameterUnexplained',
      `${name}:${write.version}`,
      `was set to ${shown(write.value)} at ${write.time} by ${write.user || 'nobody named'}; the ledger has no such move there: the parameter was written by hand, or its record was removed or rewritten`,
    );
  }
  if (history.length === 0 || busy) return;
  const left =
    states && Math.min(...states.map((state) => moves.slice(state + 1).filter((move) => !skippable(move)).length));
  const missing =
    states && left !== 0 ? moves.slice(Math.max(...states) + 1).find((move) => !skippable(move)) : undefined;
  if (missing?.record) {
    const { record } = missing;
    report(
      'MoveWithoutParameter',
      chain.objects.get(record.sequence)?.key ?? '',
      `moved ${chain.alias} to version ${missing.to} at ${record.time}; the parameter was never set to it: the record was not written by a release`,
    );
  }
  const expected = moves.at(-1)?.to ?? null;
  if (byHand.has(history.at(-1)?.version ?? 0)) return;
  if (values.at(-1) !== expected && (records.length > 0 || values.at(-1) !== null)) {
    report(
      'ParameterDiffers',
      name,
      `points to ${shown(history.at(-1)?.value ?? '')}, the newest record of the ledger to ${expected === null ? 'nothing' : `version ${expected}`}`,
    );
  }
}

/**
 * Moves at which the parameter may have stood after it was set to `value`: where it stood before (a tag's change writes
 * the same value again), or a later move there, past moves that may be skipped. All that fit before the first write.
 */
function reach(
  states: readonly number[] | undefined,
  value: number | null,
  moves: readonly Move[],
  skippable: (move: Move) => boolean,
  begins: number,
): number[] {
  const found = new Set<number>();
  if (states === undefined) {
    for (const [index, move] of moves.entries()) {
      if (move.to === value && (move.optional || move.time <= begins + CLOCKS_MS)) found.add(index);
    }
    return [...found];
  }
  // Ascending: what can be reached past a later state is reached from there.
  for (const [place, state] of states.entries()) {
    if (moves[state]?.to === value) found.add(state);
    const end = states[place + 1] ?? moves.length;
    for (let index = state + 1; index < end; index++) {
      const move = moves[index];
      if (move?.to === value) found.add(index);
      if (move && !skippable(move)) break;
    }
  }
  return [...found].sort((one, other) => one - other);
}

/** Undefined for what is no version of this prompt. */
function versionIn(value: string, promptId: string): number | null | undefined {
  if (value === NO_VERSION) return null;
  const found = parseVersionArn(value);
  return found?.promptId === promptId ? found.version : undefined;
}

function shown(value: string): string {
  const found = parseVersionArn(value);
  if (found !== null) return `${found.promptId}:${found.version}`;
  return value === NO_VERSION ? NO_VERSION : JSON.stringify(value);
}

/** What `audit verify` looks at. */
export type CheckName =
  | 'chains'
  | 'objects'
  | 'archive'
  | 'reasons'
  | 'approvals'
  | 'parameters'
  | 'policies'
  | 'bucket'
  | 'CloudTrail'
  | 'trail files'
  | 'invocation logs';

/** Something that is not as the registry leaves it (`finding`), or that is worth knowing and proves nothing (`note`). */
export interface Finding {
  readonly check: CheckName;
  readonly level: 'finding' | 'note';
  /** Stable, for programs: `DeleteMarker`, `MoveWithoutEvent`, … */
  readonly problem: string;
  /** Key, parameter, version, trail or event that it is about. */
  readonly object: string;
  /** What was found and what it proves. */
  readonly message: string;
  /** CloudTrail's ids of the events that show it. */
  readonly events: readonly string[];
}

export type Report<Problem extends string> = (
  problem: Problem,
  object: string,
  message: string,
  more?: { readonly level?: 'note'; readonly events?: readonly string[] },
) => void;

/** Collects what one check reports. */
export function reporter(check: CheckName, findings: Finding[]): Report<string> {
  return (problem, object, message, { level = undefined, events = [] } = {}) =>
    void findings.push({ check, level: level ?? 'finding', problem, object, message, events });
}

import type { Check, EvaluationCase } from './evaluation-suite';

/** A suite as it comes from another tool. */
export interface ForeignCases {
  readonly cases: readonly EvaluationCase[];
  readonly metrics: Readonly<Record<string, Check>>;
  /** What is not the same here. */
  readonly lost: readonly LostPart[];
}

export interface LostPart {
  readonly where: string;
  readonly what: string;
  readonly fix: string;
}

/** An id of ours from a name of theirs, unlike those that are taken. */
export function foreignId(name: string, taken: Set<string>): string {
  const plain = name
    .normalize('NFC')
    .replace(/[^\p{L}\p{M}\p{N}_.:@/+-]+/gu, '-')
    .replace(/^[^\p{L}\p{N}]+/u, '');
  const base = [...plain].slice(0, 58).join('').replace(/-+$/, '') || 'case';
  let id = base;
  for (let count = 2; taken.has(id); count++) id = `${base}-${count}`;
  taken.add(id);
  return id;
}

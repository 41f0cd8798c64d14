import { diffArrays } from 'diff';
import type { PromptVariantContent } from '../../core/content/prompt-content';
import { type ContentSection, contentSections } from './content-sections';
import { type WordChange, wordChanges } from './word-changes';

export interface SectionDiff {
  /** `model`, `system`, `message 2 (user)`, `tool get_price`. */
  readonly title: string;
  readonly status: 'same' | 'changed' | 'added' | 'removed';
  /** Its words; without `removed` they are the second text, without `added` the first. */
  readonly changes: readonly WordChange[];
}

export interface ContentDiff {
  /** Names of the two sides: `:1`, `@PROD (:1)`, `prompts/x.prompt`. */
  readonly before: string;
  readonly after: string;
  /** All parts of both contents, equal ones as well, in order. */
  readonly sections: readonly SectionDiff[];
}

/** What changed between two contents of a prompt, part by part and in each part word by word. */
export function contentDiff(
  before: { readonly label: string; readonly variant: PromptVariantContent | null },
  after: { readonly label: string; readonly variant: PromptVariantContent | null },
): ContentDiff {
  const left = before.variant ? contentSections(before.variant) : [];
  const right = after.variant ? contentSections(after.variant) : [];
  return { before: before.label, after: after.label, sections: pairs(left, right).map(sectionDiff) };
}

/** The parts that differ: none for equal contents. */
export function changedSections({ sections }: ContentDiff): SectionDiff[] {
  return sections.filter(({ status }) => status !== 'same');
}

type SectionPair = readonly [ContentSection | undefined, ContentSection | undefined];

/** Each part next to its namesake. Messages have no names: equal ones hold the others in place. */
function pairs(left: readonly ContentSection[], right: readonly ContentSection[]): SectionPair[] {
  const script = diffArrays([...left], [...right], { comparator: (a, b) => a.key === b.key && similar(a, b) });
  const result: SectionPair[] = [];
  let [i, j] = [0, 0];
  let [removed, added]: [ContentSection[], ContentSection[]] = [[], []];
  const flush = () => {
    result.push(...paired(removed, added));
    [removed, added] = [[], []];
  };
  for (const part of script) {
    if (part.removed) {
      removed = left.slice(i, i + part.value.length);
      i += part.value.length;
    } else if (part.added) {
      added = right.slice(j, j + part.value.length);
      j += part.value.length;
    } else {
      flush();
      for (const _ of part.value) result.push([left[i++], right[j++]]);
    }
  }
  flush();
  return result;
}

function similar(a: ContentSection, b: ContentSection): boolean {
  return a.key !== 'message' || (a.text === b.text && role(a) === role(b));
}

/** Inside a changed stretch: messages by role in their order, other parts by key. */
function paired(removed: readonly ContentSection[], added: readonly ContentSection[]): SectionPair[] {
  const open = [...added];
  const result: SectionPair[] = removed.map((part) => {
    const match = open.findIndex((other) => other.key === part.key && role(other) === role(part));
    return [part, match >= 0 ? open.splice(match, 1)[0] : undefined];
  });
  return [...result, ...open.map((part): SectionPair => [undefined, part])];
}

function role({ title }: ContentSection): string {
  return /\((.*)\)$/.exec(title)?.[1] ?? '';
}

function sectionDiff([before, after]: SectionPair): SectionDiff {
  const changes = compareTexts(before, after);
  const title = (after ?? before)?.title ?? '';
  if (!before) return { title, status: 'added', changes };
  if (!after) return { title, status: 'removed', changes };
  return { title, status: before.text === after.text ? 'same' : 'changed', changes };
}

function compareTexts(before: ContentSection | undefined, after: ContentSection | undefined): WordChange[] {
  const [a, b] = [before?.text ?? '', after?.text ?? ''];
  if (a === b || !(before ?? after)?.atomic) return wordChanges(a, b);
  const whole: WordChange[] = [
    { kind: 'removed', text: a },
    { kind: 'added', text: b },
  ];
  return whole.filter(({ text }) => text !== '');
}

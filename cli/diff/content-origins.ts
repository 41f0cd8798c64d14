import { stat } from 'node:fs/promises';
import type { AliasStanding } from '../../core/audit/alias-standing';
import type { LogRow, Person } from '../../core/audit/release-log';
import { isAccessError } from '../../core/contract/access-error';
import type { AuditLog } from '../../studio/audit-page/audit-log';
import { personText } from '../../studio/audit-page/person-text';
import { moveVerb } from '../../studio/audit-page/row-text';
import type { ContentOrigin } from '../../studio/diff-page/content-origin';
import type { CommandContext } from '../command';
import type { VersionContent } from '../version-content';
import type { VersionReference } from '../version-reference';
import { lastCommit } from './last-commit';

/** A content with the reference that named it. */
export interface ComparedContent {
  readonly reference: VersionReference;
  readonly content: VersionContent;
}

/** When, by whom and why each content came where it is: from the ledger and CloudTrail, from git, or from the file system. */
export async function contentOrigins(
  context: CommandContext,
  sides: readonly ComparedContent[],
  say: (doing: string) => void,
): Promise<ContentOrigin[]> {
  const isReleased = sides.some(({ content }) => typeof content.held?.version === 'number');
  const log = isReleased ? await logOf(context, sides, say) : undefined;
  return Promise.all(sides.map((side) => originOf(side, log)));
}

/** What the ledger holds of these contents alone; undefined where it may not be read. */
async function logOf(
  context: CommandContext,
  sides: readonly ComparedContent[],
  say: (doing: string) => void,
): Promise<AuditLog | undefined> {
  const [{ auditScope }, { gatherLog }] = await Promise.all([
    import('../audit/audit-scope'),
    import('../audit/gather-log'),
  ]);
  const [prompt = ''] = context.positionals;
  const registry = await context.openRegistry(prompt);
  const { promptId } = await registry.prompt(prompt);
  const only = (row: LogRow) => sides.some((side) => isMoveTo(side, row) || isPublicationOf(side, row));
  const everything = { alias: undefined, since: undefined, place: undefined };
  try {
    const scope = await auditScope(context, prompt);
    return await gatherLog(scope, { prompt, promptIds: [promptId], ...everything, only, now: context.now(), say });
  } catch (error) {
    if (isAccessError(error)) return undefined;
    throw error;
  }
}

function isMoveTo({ reference, content }: ComparedContent, { alias, to, kind }: LogRow): boolean {
  return (
    reference.kind === 'alias' && alias === reference.aliasName && to === content.held?.version && kind !== 'withdraw'
  );
}

function isPublicationOf({ reference, content }: ComparedContent, { kind, to, digest }: LogRow): boolean {
  return reference.kind !== 'alias' && kind === 'publish' && to === content.held?.version && digest === content.digest;
}

async function originOf(side: ComparedContent, log: AuditLog | undefined): Promise<ContentOrigin> {
  const { reference, content } = side;
  const { held, fileInGit } = content;
  if (reference.kind === 'file') {
    const { mtime } = await stat(reference.path);
    return { what: 'written', when: mtime, who: null, why: null };
  }
  if (reference.kind === 'revision') {
    const commit = await lastCommit(reference.revision, fileInGit ?? '');
    const { time = null, author = null, subject = null } = commit ?? {};
    return { what: 'committed', when: time, who: author, why: subject };
  }
  if (held?.version === 'draft') return { what: 'changed', when: held.time ?? null, who: null, why: null };
  const unread = log ? 'the ledger does not say' : 'the ledger may not be read';
  if (reference.kind === 'alias') {
    const move = standingMove(side, log?.standings ?? []);
    if (!move) return { what: `released to ${reference.aliasName}`, when: null, who: unread, why: null };
    const { kind, time, person, reason } = move;
    return { what: `${moveVerb(kind)} to ${move.alias}`, when: new Date(time), who: who(person), why: reason };
  }
  const row = log?.rows.find((one) => isPublicationOf(side, one));
  return {
    what: 'published',
    when: held?.time ?? null,
    who: row ? who(row.person) : unread,
    why: held?.note || null,
  };
}

/** The move that brought the alias to what was compared; undefined where its parameter was moved past the ledger. */
function standingMove(side: ComparedContent, standings: readonly AliasStanding[]): LogRow | undefined {
  return standings.flatMap(({ move }) => move ?? []).find((move) => isMoveTo(side, move));
}

function who(person: Person): string {
  return personText(person, '→');
}

import { NO_ALIAS } from '../../core/ledger/layout';
import { groupsOf, parseGates, parseGatesByAlias } from '../../core/release/gate';
import { awsNow } from '../audit/aws-clock';
import { CliError, usageError } from '../cli-error';
import type { CommandContext } from '../command';
import { ExitCode } from '../exit-code';
import { inGlyphs } from '../glyphs';
import type { Registry } from '../registry';
import { splitPromptReference } from '../version-reference';
import { reviewedContent } from './reviewed-content';
import { commentOf } from './say';
import { sign } from './sign';
import { signer } from './signer';

/** Signs a comment on a content, whatever alias points at it. It counts for no gate and against none. */
export async function commentOn(context: CommandContext): Promise<ExitCode> {
  const { terminal, values, positionals, openRegistry, now } = context;
  const [text = '', words = ''] = positionals;
  const { promptName, reference } = splitPromptReference(text);
  if (reference === undefined) {
    throw usageError('which version is the comment on?', `name it: ${promptName}@PROD or ${promptName}:2`);
  }
  const comment = commentOf(words);
  const registry = await openRegistry(promptName);
  const prompt = await registry.prompt(promptName);
  const [content, who] = await terminal.progress('reading', () =>
    Promise.all([reviewedContent(registry, prompt, reference), signer(registry.clients)]),
  );
  const { version, digest } = content;
  const statement = {
    kind: 'comment',
    promptId: prompt.promptId,
    prompt: promptName,
    alias: NO_ALIAS,
    digest,
    version,
    live: null,
    comment,
  } as const;
  const groups = values.as === undefined ? await groupsIn(registry) : [String(values.as)];
  // Once is enough: a comment counts for no group.
  const [group] = await sign(registry, statement, who, groups, awsNow(registry.clients, now()), 1);
  if (values.json) {
    terminal.json({ kind: 'comment', person: who.person, group, prompt: promptName, version, digest, comment });
  } else {
    const { colors, glyphs } = terminal;
    const on = `${promptName}:${version} (${digest.slice(0, 12)}…)`;
    terminal.line(inGlyphs(`${colors.green(glyphs.ok)} ${who.person} commented as ${group} on ${on}`, glyphs));
  }
  return ExitCode.Done;
}

/** The registry's groups; where another stack has them, those of its gates. */
async function groupsIn(registry: Registry): Promise<readonly string[]> {
  const gating = await registry.gating();
  if (gating?.groups !== undefined) return gating.groups;
  const byAlias = parseGatesByAlias(gating?.gates ?? '{}');
  const own = registry.stack.aliases.flatMap(({ gates = '[]' }) => parseGates(gates));
  const groups = groupsOf([...Object.values(byAlias).flat(), ...own]);
  if (groups.length > 0) return groups;
  throw new CliError({
    what: 'the groups of the registry are not known here: they stand in the registry’s own stack',
    fix: 'say as which you comment: --as GROUP',
  });
}

import { writeFile } from 'node:fs/promises';
import { type ContentDiff, changedSections, contentDiff } from '../../studio/diff/content-diff';
import { diffPage } from '../../studio/diff-page/diff-page';
import { CliError, usageError } from '../cli-error';
import { type Command, type CommandContext, REGISTRY_OPTIONS } from '../command';
import { type ComparedContent, contentOrigins } from '../diff/content-origins';
import { NARROWEST_SIDE_BY_SIDE, sideBySideDiff } from '../diff/side-by-side-diff';
import { terminalDiff } from '../diff/terminal-diff';
import { unifiedDiff } from '../diff/unified-diff';
import { ExitCode } from '../exit-code';
import { versionContent } from '../version-content';
import { parseVersionReference, type VersionReference } from '../version-reference';

export const diff: Command = {
  name: 'diff',
  summary: 'what changed between two contents of a prompt, word by word',
  positionals: ['PROMPT', 'A', 'B'],
  asks: ['prompt', 'version', 'version'],
  options: {
    'side-by-side': { type: 'boolean', short: 'y', description: 'two columns' },
    words: { type: 'boolean', description: 'words, with marks where there is no colour; the default on a terminal' },
    unified: { type: 'boolean', short: 'u', description: 'unified diff; the default where the output is piped' },
    html: { type: 'string', value: 'FILE', description: 'write a page that needs no network and no script' },
    'exit-code': { type: 'boolean', description: 'exit with 2 where there is a difference' },
    ...REGISTRY_OPTIONS,
  },
  details: [
    'A and B are :5, @PROD, draft, pd1:…, file:PATH, or rev:REVISION[:PATH] for a file as git has it. ' +
      'Files and git revisions alone need no AWS.',
    '--html says of both who brought it there, when and why: as the ledger and CloudTrail, or git, have it; ' +
      'and how the suite of a gate came out over B compared with A.',
    'Model, settings, variables, system text, each message and each tool are compared each on its own.',
  ],
  examples: [
    'diff financial-analysis @PROD @STAGING',
    'diff financial-analysis rev:HEAD~1 file:prompts/financial-analysis.prompt',
    'diff financial-analysis :1 :2 --html diff.html',
  ],
  run: async (context) => {
    const { terminal, values, positionals, now } = context;
    const sides = await read(context);
    const compared = contentDiff(sides[0].content, sides[1].content);
    if (typeof values.html === 'string') {
      const { measuredDifference } = await import('../diff/measured-difference');
      const [origins, measured] = await terminal.progress('asking who, when and why', (say) =>
        Promise.all([contentOrigins(context, sides, say), measuredDifference(context, sides)]),
      );
      await writePage(
        values.html,
        diffPage({ promptName: positionals[0] ?? '', diff: compared, origins, measured, time: now() }),
      );
      terminal.notice(`wrote ${values.html}`);
    } else if (values.json) terminal.json({ prompt: positionals[0], ...compared });
    else print(context, compared);
    return values['exit-code'] && changedSections(compared).length > 0 ? ExitCode.Differs : ExitCode.Done;
  },
};

async function read({
  positionals: [promptName = '', a = '', b = ''],
  openRegistry,
  terminal,
}: CommandContext): Promise<[ComparedContent, ComparedContent]> {
  const open = async () => {
    const registry = await openRegistry(promptName);
    return { registry, prompt: await registry.prompt(promptName) };
  };
  const side = async (reference: VersionReference) => ({
    reference,
    content: await versionContent(promptName, reference, open),
  });
  const [before, after] = [parseVersionReference(a), parseVersionReference(b)];
  return terminal.progress('reading', () => Promise.all([side(before), side(after)]));
}

function print({ terminal, values }: CommandContext, compared: ContentDiff): void {
  if (values['side-by-side']) {
    if (terminal.width < NARROWEST_SIDE_BY_SIDE) {
      throw usageError(`the terminal is narrower than ${NARROWEST_SIDE_BY_SIDE} columns`, 'leave --side-by-side out');
    }
    terminal.line(sideBySideDiff(compared, terminal));
  } else if (values.words || (terminal.isScreen && !values.unified)) {
    terminal.line(terminalDiff(compared, terminal));
  } else {
    const text = unifiedDiff(compared);
    if (text) terminal.line(text);
  }
}

async function writePage(path: string, html: string): Promise<void> {
  try {
    await writeFile(path, html);
  } catch (cause) {
    throw new CliError({ what: `cannot write ${path}`, why: (cause as Error).message }, undefined, { cause });
  }
}

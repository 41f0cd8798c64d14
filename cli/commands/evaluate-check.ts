import { visibleLine } from '../../core/text/visible-text';
import type { Command, CommandContext } from '../command';
import { ExitCode } from '../exit-code';

export const evaluateCheck: Command = {
  name: 'evaluate check',
  summary: 'whether a suite is whole: asks no model, and needs no AWS',
  positionals: ['PROMPT'],
  options: {
    suite: { type: 'string', value: 'FILE', description: 'the suite; without it prompts/PROMPT.eval.yaml' },
    candidate: {
      type: 'string',
      value: 'FILE',
      description: 'the prompt file, where it does not stand next to the suite',
    },
    json: { type: 'boolean', description: 'print JSON' },
  },
  details: [
    'Reads cases, metrics, schemas and controls, and compares the cases with the variables of the prompt file.',
  ],
  examples: ['evaluate check financial-analysis', 'evaluate check financial-analysis --suite nightly.eval.yaml --json'],
  run: async (context) => {
    const { terminal, values } = context;
    const { metricNames } = await import('../../core/evaluation/evaluation-suite');
    const { relatedJudges } = await import('../../core/evaluation/related-judges');
    const { file, prompt, model } = await checked(context);
    const { suite, path, digest } = file;
    const critical = suite.cases.filter((one) => one.critical).length;
    const found = { suite: path, digest, cases: suite.cases.length, critical, metrics: metricNames(suite), prompt };
    const warnings = prompt === null ? [] : relatedJudges(suite, [{ label: prompt, model }]);
    if (values.json) terminal.json({ ...found, warnings });
    else {
      terminal.line(
        `${terminal.glyphs.ok} ${path}: ${found.cases} cases, ${critical} of them critical, ${found.metrics.join(', ')}`,
      );
      terminal.line(`  ${digest}`);
      for (const one of warnings) terminal.notice(`${terminal.glyphs.note} ${visibleLine(one)}`);
      if (prompt === null)
        terminal.notice(`${terminal.glyphs.note} variables were not compared: there is no prompt file`);
    }
    return ExitCode.Done;
  },
};

async function checked({ positionals, values }: CommandContext) {
  const [promptName = ''] = positionals;
  const { suiteOf } = await import('../evaluation/suite-of');
  const { promptFileOf } = await import('../evaluation/asked-side');
  const { fileIfThere } = await import('../file-if-there');
  const { checkCaseVariables } = await import('../../core/evaluation/case-variables');
  const { template } = await import('../../core/content/template');
  const { parsePromptFile } = await import('../../core/prompt-file/prompt-file');
  const file = suiteOf(promptName, values);
  const path = (values.candidate as string | undefined) ?? promptFileOf(promptName, file.path);
  const source = fileIfThere(path);
  if (source === undefined) return { file, prompt: null, model: null };
  const { variant } = parsePromptFile(source, path, fileIfThere);
  const { variables } = template(variant);
  checkCaseVariables(file, [{ label: path, variables: new Set(variables.map(({ name }) => name)) }]);
  return { file, prompt: path, model: variant.modelId ?? null };
}

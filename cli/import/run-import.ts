import { CliError } from '../cli-error';
import type { OptionValues } from '../command';
import { ExitCode } from '../exit-code';
import type { Terminal } from '../terminal';
import { planImport } from './import-plan';
import { hasLosses, importReport, reportLines } from './import-report';
import type { SourceVersion } from './source-version';
import { writeFiles, writeHistory } from './write-import';

/** Options of every importer. */
export const IMPORT_OPTIONS = {
  name: { type: 'string', value: 'GLOB', description: "only prompts of these names: 'support/*'. Default: all" },
  'all-versions': { type: 'boolean', description: 'every version; the file holds the newest' },
  git: { type: 'boolean', description: 'a commit for each version, with its date, message and trailers' },
  model: { type: 'string', value: 'ID', description: 'the model of prompts that name none that Bedrock has' },
  out: { type: 'string', short: 'o', value: 'FOLDER', description: 'where to. Default: prompts' },
  force: { type: 'boolean', description: 'without --git: overwrite files that are there' },
  json: { type: 'boolean', description: 'print JSON' },
} as const;

/** What every importer says of itself. */
export const IMPORT_DETAILS =
  'Exit code 2 where anything is not the same here, be it refused or changed: the report names each version and what to do. ' +
  'A second run imports what is new. Nothing is written at the source.';

/** Writes what was read, and reports it. */
export function runImport(
  source: string,
  versions: readonly SourceVersion[],
  keys: readonly [prompt: string, version: string],
  { terminal, values }: { readonly terminal: Terminal; readonly values: OptionValues },
): ExitCode {
  const folder = (typeof values.out === 'string' ? values.out : 'prompts').replace(/(?<=.)[/\\]+$/, '');
  const planned = planImport(versions);
  const written = values.git ? writeHistory(planned, folder, keys) : writeFiles(planned, folder, values.force === true);
  const report = importReport(source, folder, planned, written);
  if (values.json) terminal.json(report);
  else print(report, terminal);
  return hasLosses(report) ? ExitCode.Differs : ExitCode.Done;
}

function print(report: ReturnType<typeof importReport>, terminal: Terminal): void {
  const { bold } = terminal.colors;
  const section = (title: string, lines: readonly string[]) => {
    if (lines.length > 0) terminal.line(['', bold(title), ...lines].join('\n'));
  };
  terminal.line(reportLines(report).join('\n'));
  section('In the app', report.app);
  if (report.source === 'langfuse') {
    const title = 'In a LangfuseEndpoint, so that clients may go on asking for the names in Langfuse';
    const names = Object.entries(report.names).map(
      ([name, promptName]) => `  ${JSON.stringify(name)}: '${promptName}',`,
    );
    section(title, names.length > 0 ? ['names: {', ...names, '},'] : []);
  }
  section('Deploy these first: the version that an alias stands on has to be published', report.first);
  const parameters = report.parameters.map((parameter) => ` --parameters ${parameter}`);
  if (parameters.length > 0)
    section('To bring the aliases where their labels stand', [`cdk deploy${parameters.join(' \\\n ')}`]);
}

export function textValue(values: OptionValues, name: string): string | undefined {
  const value = values[name];
  if (value === '')
    throw new CliError({ what: `--${name} is empty`, fix: 'say what it is, or leave it out' }, ExitCode.Usage);
  return typeof value === 'string' ? value : undefined;
}

import { basename, relative, resolve } from 'node:path';
import { CliError } from '../cli-error';
import type { Command } from '../command';
import { ExitCode } from '../exit-code';

export const init: Command = {
  name: 'init',
  summary: 'writes an app that works: prompts, stacks for two environments, an application, a test',
  positionals: ['[DIR]'],
  options: {
    name: {
      type: 'string',
      value: 'NAME',
      description: "name in the app's package.json. Default: the name of the folder",
    },
    package: {
      type: 'string',
      value: 'SPEC',
      description:
        'where npm gets cdk-prompt-registry: a version, or the file that npm pack wrote. Default: this version',
    },
    json: { type: 'boolean', description: 'print JSON' },
  },
  details: [
    'Into DIR, which is made where it is not there and has to be empty; default: the folder you are in. Needs no AWS and ' +
      'asks nothing. The versions in package.json are those that this package was tested with.',
    'The package is not on npm yet: without --package, npm install does not find it.',
    'docs/getting-started.md goes from here to a prompt of your own, released to PROD.',
  ],
  examples: ['init my-prompts', 'init --name @acme/prompts'],
  run: async ({ terminal, positionals: [dir = '.'], values }) => {
    const { requireEmpty, writeApp } = await import('../init/app-folder');
    const { readAppTemplate } = await import('../init/app-template');
    const { packageSpec } = await import('../init/package-spec');
    const folder = resolve(dir);
    await requireEmpty(folder);
    const template = await readAppTemplate();
    const name = await packageName(values.name as string | undefined, folder, template.dependencies);
    const files = template.files(name, packageSpec(values.package as string | undefined, folder));
    await writeApp(folder, files);
    const paths = files.map(({ path }) => path);
    const next = nextCommands(folder);
    if (values.json) terminal.json({ folder, name, files: paths, next });
    else terminal.line([`wrote ${folder}: ${paths.length} files`, '', 'next:', ...next.map(indented)].join('\n'));
    return ExitCode.Done;
  },
};

async function packageName(given: string | undefined, folder: string, dependencies: readonly string[]) {
  const { acceptablePackageName, packageNameProblem } = await import('../init/package-name');
  const name = given ?? basename(folder);
  const why = packageNameProblem(name, dependencies);
  if (why === undefined) return name;
  throw new CliError({
    what: `npm refuses the name ${JSON.stringify(name)}`,
    why,
    fix: `give the app another one: --name ${acceptablePackageName(name, dependencies)}`,
  });
}

function nextCommands(folder: string): string[] {
  const here = relative('', folder);
  return [
    ...(here === '' ? [] : [`cd ${/^[\w./-]+$/.test(here) ? here : `'${here.replaceAll("'", "'\\''")}'`}`]),
    'npm install',
    'npm test',
    'npx cdk deploy --all -c env=prod',
    'npx prompt-registry promote greeting PROD --to @STAGING --stack Prompts-prod',
  ];
}

function indented(line: string): string {
  return `  ${line}`;
}

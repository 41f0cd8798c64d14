import type { Environment } from '../environment';

/** Lines to paste into a shell, so that its commands reach the endpoint and nothing else. */
export interface ShellExports {
  readonly sh: readonly string[];
  readonly powerShell: readonly string[];
}

/** Variables to take away come first. Values are quoted, whatever they hold. */
export function shellExports(environment: Environment): ShellExports {
  const given = Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const taken = Object.keys(environment).filter((name) => environment[name] === undefined);
  const sh = given.map(
    ([name, value]) => `export ${name}=${/^[\w./:-]+$/.test(value) ? value : quoted(value, `'\\''`)}`,
  );
  const powerShell = given.map(([name, value]) => `$env:${name} = ${quoted(value, `''`)}`);
  if (taken.length === 0) return { sh, powerShell };
  const paths = taken.map((name) => `Env:${name}`).join(', ');
  return {
    // Not set to nothing: the AWS CLI and boto3 look for a profile without a name then.
    sh: [`unset ${taken.join(' ')}`, ...sh],
    powerShell: [`Remove-Item ${paths} -ErrorAction SilentlyContinue`, ...powerShell],
  };
}

/** Both, each under its shell's name. */
export function exportText(environment: Environment): string {
  const { sh, powerShell } = shellExports(environment);
  return `sh:\n${sh.join('\n')}\n\nPowerShell:\n${powerShell.join('\n')}\n`;
}

function quoted(value: string, quote: string): string {
  return `'${value.replaceAll("'", quote)}'`;
}

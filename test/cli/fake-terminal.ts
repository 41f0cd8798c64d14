import { PassThrough } from 'node:stream';
import { Terminal } from '../../cli/terminal';

/** A terminal of so many columns whose output can be read; `columns` undefined for a pipe. */
export function fakeTerminal(columns: number | undefined, env: NodeJS.ProcessEnv = {}) {
  const output: string[] = [];
  const stream = () => {
    const through = new PassThrough();
    through.on('data', (chunk) => output.push(String(chunk)));
    return Object.assign(through, { isTTY: columns !== undefined, columns });
  };
  const stdin = Object.assign(new PassThrough(), { isTTY: columns !== undefined });
  const terminal = new Terminal({ stdout: stream(), stderr: stream(), stdin, env: { LANG: 'C.UTF-8', ...env } });
  return { terminal, output: () => output.join(''), type: (text: string) => void stdin.write(text) };
}

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = join(__dirname, '../..');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

let folder: string;
let files: { name: string; source: string }[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'declarations-'));
  execFileSync(process.execPath, [TSC, '-p', 'tsconfig.build.json', '--emitDeclarationOnly', '--outDir', folder], {
    cwd: ROOT,
  });
  const lib = join(folder, 'lib');
  files = readdirSync(lib)
    .filter((name) => name.endsWith('.d.ts') && name !== 'index.d.ts')
    .map((name) => ({ name, source: readFileSync(join(lib, name), 'utf8') }));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Member {
  readonly where: string;
  readonly declaration: string;
  readonly documented: boolean;
}

/** Public names of a declaration file with what stands above each: exported ones, and their members. */
function members(name: string, source: string): Member[] {
  const found: Member[] = [];
  let comment = '';
  let inComment = false;
  let open = '';
  for (const line of source.split('\n')) {
    if (/^\s*\/\*\*/.test(line)) {
      comment = '';
      inComment = true;
    }
    if (inComment) {
      comment += line;
      inComment = !line.includes('*/');
      continue;
    }
    const exported = /^export (?:declare )?(?:abstract )?(class|interface) (\w+)/.exec(line);
    if (exported) open = exported[2] ?? '';
    else if (line.startsWith('}')) open = '';
    const isMember = open !== '' && /^ {4}[\w]/.test(line) && !/^ {4}private /.test(line);
    if ((exported || isMember) && !comment.includes('@internal')) {
      found.push({ where: `${name} ${open}: ${line.trim()}`, declaration: line.trim(), documented: comment !== '' });
    }
    comment = '';
  }
  return found;
}

const all = () => files.flatMap(({ name, source }) => members(name, source));
const wrong = (isWrong: (member: Member) => boolean) =>
  all()
    .filter(isWrong)
    .map(({ where }) => where);

describe('the published types', () => {
  it('are all looked at', () => {
    expect(files.length).toBeGreaterThan(12);
    expect(all().length).toBeGreaterThan(100);
  });

  it('have no unions', () => {
    expect(wrong(({ declaration }) => /\|(?! undefined\b)/.test(declaration))).toEqual([]);
  });

  it('hold nothing internal', () => {
    const internal = files.flatMap(({ name, source }) =>
      [...source.matchAll(/@internal|(?<!`)\b_\w+|\b(AliasTarget|PromptVariant)Config\b/g)].map(
        ([text]) => `${name}: ${text}`,
      ),
    );
    expect(internal).toEqual([]);
  });

  it('take no other object for one of ours', () => {
    const app = join(folder, 'app.ts');
    const classes = files.flatMap(({ source }) =>
      [...source.matchAll(/^export declare (?:abstract )?class (\w+) \{/gm)].map(([, name = '']) => name),
    );
    expect(classes).toEqual(
      expect.arrayContaining(['AliasTarget', 'Gate', 'LangfuseFront', 'PromptBlock', 'PromptVariant']),
    );
    const lines = classes.map(
      (name) =>
        `// @ts-expect-error\nexport const of${name}: registry.${name} = { text: 'no ${name}' } as { text: string };`,
    );
    writeFileSync(app, [`import type * as registry from './lib';`, ...lines].join('\n'));
    const options = ['--ignoreConfig', '--noEmit', '--strict', '--skipLibCheck', '--module', 'commonjs'];
    execFileSync(process.execPath, [TSC, ...options, '--moduleResolution', 'bundler', '--types', '', app], {
      cwd: folder,
    });
  });

  it('have no generics, mapped or conditional types', () => {
    expect(wrong(({ declaration }) => /<|\bkeyof\b|\bPick\b|\bin keyof\b| extends .* \? /.test(declaration))).toEqual(
      [],
    );
  });

  it('have readonly members in every interface', () => {
    const mutable = files.flatMap(({ name, source }) =>
      [...source.matchAll(/^export interface (\w+)[^{]*\{\n([\s\S]*?)^\}/gm)].flatMap(([, type, body = '']) =>
        body
          .split('\n')
          .filter((line) => /^ {4}\w+\??:/.test(line))
          .map((line) => `${name} ${type}: ${line.trim()}`),
      ),
    );
    expect(mutable).toEqual([]);
  });

  it('document every public name, but for a constructor and what a documented interface says already', () => {
    const documented = new Set(
      all()
        .filter((member) => member.documented)
        .map(({ declaration }) => /(\w+)[?(:]/.exec(declaration)?.[1]),
    );
    const silent = wrong(({ documented: has, declaration }) => {
      const memberName = /(\w+)[?(:]/.exec(declaration)?.[1];
      return !has && memberName !== 'constructor' && !documented.has(memberName);
    });
    expect(silent).toEqual([]);
  });

  it('say what an optional member is by default', () => {
    const unsaid = files.flatMap(({ name, source }) =>
      [...source.matchAll(/(\/\*\*(?:(?!\*\/)[\s\S])*\*\/)\n {4}readonly (\w+)\?:/g)]
        .filter(([, comment = '']) => !comment.includes('@default') && !comment.includes('@internal'))
        .map(([, , member]) => `${name}: ${member}`),
    );
    // Members of classes repeat what the interface or the props say.
    expect(unsaid).toEqual([]);
  });
});

import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

const ROOT = join(__dirname, '../..');

/** One exported declaration of a `.d.ts` file. */
interface Declaration {
  readonly file: string;
  readonly name: string;
  readonly text: string;
}

/**
 * What an entry point exports, and the types that those names are made of: as built, without comments and private
 * members. A change of the API then shows in review, and a change behind it does not.
 */
export function apiReport(entry: '.' | './client'): string {
  const { name, exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const first = posix.normalize(typesOf(exports[entry]) ?? '');
  const declarations = reachable(first).flatMap(declarationsOf);
  const exported = exportedNames(withoutComments(first));
  const behind = [...closure(exported, declarations)].filter((declaration) => !exported.has(declaration.name));
  const its = declarations.filter((declaration) => exported.has(declaration.name));
  return `# API of \`${posix.join(name, entry)}\`

<!-- Generated from the built declarations by \`npm run reports\`. -->

## Exported

${block(its)}

## What those are made of

${block(behind)}
`;
}

function block(declarations: readonly Declaration[]): string {
  const sorted = [...declarations].sort((a, b) => (`${a.name} ${a.file}` < `${b.name} ${b.file}` ? -1 : 1));
  return `\`\`\`typescript\n${sorted.map(({ text }) => wrapped(text)).join('\n\n')}\n\`\`\``;
}

/** A long union with a member a line, so that a new one is a line in review. */
function wrapped(text: string): string {
  return text.replace(/^.{200,}$/gm, (line) => line.replaceAll(' | ', '\n  | '));
}

/** The declarations that these names lead to. A name that two files declare counts as both. */
function closure(names: ReadonlySet<string>, declarations: readonly Declaration[]): Set<Declaration> {
  const found = new Set(declarations.filter(({ name }) => names.has(name)));
  for (const { text } of found) {
    const words = new Set(text.match(/\w+/g));
    for (const declaration of declarations) if (words.has(declaration.name)) found.add(declaration);
  }
  return found;
}

function declarationsOf(file: string): Declaration[] {
  const statements = withoutComments(file).split(/\n(?=\S)(?![}\])])/);
  return statements.flatMap((text) => {
    const name = /^(?:export )?(?:declare )?(?:abstract )?(?:class|interface|type|const|function|enum) (\w+)/.exec(
      text,
    );
    return name?.[1] ? [{ file, name: name[1], text: text.trim() }] : [];
  });
}

function exportedNames(source: string): Set<string> {
  const lists = [...source.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, list = '']) => list.split(','));
  return new Set(
    lists
      .map((item) =>
        item
          .trim()
          .replace(/^type /, '')
          .replace(/^.* as /, ''),
      )
      .filter(Boolean),
  );
}

/** The entry's declaration file and all that it imports of ours. */
function reachable(first: string, found = new Set<string>()): string[] {
  if (!found.has(first)) {
    found.add(first);
    for (const [, path = ''] of withoutComments(first).matchAll(/(?:from|import\()\s*['"](\.[^'"]+)['"]/g)) {
      reachable(declarationFile(posix.join(posix.dirname(first), path)), found);
    }
  }
  return [...found];
}

function declarationFile(path: string): string {
  const base = path.replace(/\.[cm]?js$/, '');
  const candidates = ['.d.ts', '.d.mts', '.d.cts', '/index.d.ts'].map((ending) => `${base}${ending}`);
  const file = candidates.find((candidate) => existsSync(join(ROOT, candidate)));
  if (!file) throw new Error(`expected declarations for ${path}, found none: npm run build`);
  return file;
}

function withoutComments(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
    .replace(/^\s*\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n/gm, '')
    .replace(/^ +(?:private |#private;).*\n/gm, '');
}

/** Under conditions for `import` and `require`, the first that names types. */
function typesOf(target: unknown): string | undefined {
  if (typeof target !== 'object' || target === null) return undefined;
  const { types, ...others } = target as Record<string, unknown>;
  if (typeof types === 'string') return types;
  return Object.values(others)
    .map(typesOf)
    .find((found) => found !== undefined);
}

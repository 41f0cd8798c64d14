import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/** The package: two folders up from here in a clone, and from the bundle in `dist/bin`. */
export const PACKAGE = join(__dirname, '../..');

const TEMPLATE = join(PACKAGE, 'templates/app');

export interface AppFile {
  /** Below the app's folder, with slashes. */
  readonly path: string;
  readonly content: string;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** The app that `init` writes: the files of `templates/app`, with its name and the versions that this package was tested with. */
export interface AppTemplate {
  /** Packages that the app depends on. */
  readonly dependencies: readonly string[];
  /** @param spec where npm gets this package. Default: its version */
  files(name: string, spec?: string): readonly AppFile[];
}

export async function readAppTemplate(): Promise<AppTemplate> {
  const own = await readManifest(join(PACKAGE, 'package.json'));
  const found = await readdir(TEMPLATE, { recursive: true, withFileTypes: true });
  const paths = found
    .filter((entry) => entry.isFile())
    .map((entry) => relative(TEMPLATE, join(entry.parentPath, entry.name)))
    .sort();
  const read = paths.map(async (path) => ({
    path: destination(path),
    content: await readFile(join(TEMPLATE, path), 'utf8'),
  }));
  const plain = await Promise.all(read);
  const manifest = await readManifest(join(TEMPLATE, 'package.json'));
  return {
    dependencies: Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }),
    files: (name, spec = own.version) => {
      const content = jsonText(manifestOf(manifest, name, { ...own.devDependencies, [own.name]: spec }));
      return plain.map((file) => (file.path === 'package.json' ? { ...file, content } : file));
    },
  };
}

function manifestOf(template: Manifest, name: string, versions: Readonly<Record<string, string>>): Manifest {
  const filled = (wanted: Readonly<Record<string, string>> = {}) =>
    Object.fromEntries(Object.keys(wanted).map((one) => [one, versions[one] ?? '']));
  return {
    ...template,
    name,
    dependencies: filled(template.dependencies),
    devDependencies: filled(template.devDependencies),
  };
}

/** npm packs no file of the name `.gitignore`: https://docs.npmjs.com/cli/v11/configuring-npm/package-json#files */
function destination(path: string): string {
  return path === 'gitignore' ? '.gitignore' : path.split(sep).join('/');
}

async function readManifest(path: string): Promise<Manifest> {
  return JSON.parse(await readFile(path, 'utf8'));
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

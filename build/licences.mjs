import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folders of the packages whose code is among these files. */
export function packageFolders(files) {
  const folders = files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []);
  return [...new Set(folders)].sort();
}

/**
 * The licences of packages whose code we ship, as those licences ask, with their notices. Some packages of a monorepo are
 * published without the text: for them the text of a sibling is taken, from the same repository under the same licence.
 *
 * @throws Error where a package has no text and no such sibling
 */
export function licences(folders) {
  const packages = folders.map(packageIn);
  return packages
    .map((one) => {
      const from = one.text ? one : packages.find((other) => other.text && isSibling(one, other));
      if (!from) {
        throw new Error(
          `${one.name} ${one.version} (${one.license}) is bundled, and neither it nor a package of its repository has a licence text: take it out of the bundle, or put the text into build/licences.mjs`,
        );
      }
      const origin = from === one ? '' : `, with the text of ${from.name}, of the same repository`;
      return [`${one.name} ${one.version} (${one.license})${origin}\n`, from.text, ...one.notices].join('\n');
    })
    .join(`\n${'-'.repeat(80)}\n`);
}

function packageIn(folder) {
  const { name, version, license, repository } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const read = (pattern) =>
    readdirSync(folder)
      .filter((entry) => pattern.test(entry))
      .map((entry) => readFileSync(join(folder, entry), 'utf8'))
      .filter((text) => text.trim() !== '');
  const url = typeof repository === 'string' ? repository : repository?.url;
  return { name, version, license, url, text: read(/^(licen[cs]e|copying)/i)[0], notices: read(/^notice/i) };
}

function isSibling(one, other) {
  return one.url !== undefined && one.url === other.url && one.license === other.license;
}

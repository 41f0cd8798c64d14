import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folders of the packages whose code is among these files. */
export function packageFolders(files) {
  const folders = files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []);
  return [...new Set(folders)].sort();
}

/**
 * Published without a text, and without one in the repository: the licence that the package names, with the author that it
 * names. https://opensource.org/license/mit
 */
const NAMED_ONLY = { '@cfworker/json-schema': mit('Jeremy Danyow') };

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
  const text = read(/^(licen[cs]e|copying)/i)[0] ?? (license === 'MIT' ? NAMED_ONLY[name] : undefined);
  return { name, version, license, url, text, notices: read(/^notice/i) };
}

function mit(author) {
  return `MIT License

Copyright (c) ${author}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE,
ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`;
}

function isSibling(one, other) {
  return one.url !== undefined && one.url === other.url && one.license === other.license;
}

// `npm publish`: only from a clone of the repository that package.json names. That address is a placeholder until the project
// has a public home, and somebody else may own it by then.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const { repository } = JSON.parse(readFileSync('package.json', 'utf8'));
const home = pathOf(repository.url);
const origin = pathOf(originUrl());
if (origin !== home) {
  console.error(
    `expected to publish from a clone of ${home}, found ${origin || 'no remote named origin'}: correct repository, homepage and bugs in package.json, or publish from such a clone`,
  );
  process.exit(1);
}

function originUrl() {
  try {
    return execFileSync('git', ['remote', 'get-url', 'origin'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return '';
  }
}

/** Host and path: of an https address and of an ssh one the same. */
function pathOf(url) {
  return url
    .trim()
    .replace(/^(git\+)?\w+:\/\/(\w+@)?|^\w+@/, '')
    .replace(':', '/')
    .replace(/\.git$/, '');
}

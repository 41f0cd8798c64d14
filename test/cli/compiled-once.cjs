// Preloaded into a process of the built command: V8 compiles its bundle once for hundreds of runs, which is half of what a
// short run takes. Node does so by itself from 22 on, where NODE_COMPILE_CACHE names a folder.
const { createHash } = require('node:crypto');
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { Module, createRequire } = require('node:module');
const { basename, dirname, join } = require('node:path');
const { Script } = require('node:vm');

const FOLDER = join(__dirname, '../../node_modules/.cache/compiled-once');
const LARGE = 500_000;
const compile = Module.prototype._compile;

/** What was compiled of this very text. V8 compares versions and lengths by itself, and no bytes. */
function compiled(file, digest) {
  try {
    const found = readFileSync(file);
    return found.subarray(0, digest.length).equals(digest) ? found.subarray(digest.length) : undefined;
  } catch {
    return undefined;
  }
}

function keep(file, parts) {
  try {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(`${file}.${process.pid}`, Buffer.concat(parts));
    renameSync(`${file}.${process.pid}`, file);
  } catch {
    // Where nobody may write, each run compiles.
  }
}

Module.prototype._compile = function once(content, filename) {
  if (content.length < LARGE) return compile.call(this, content, filename);
  // Node 20 loses what `import()` needs where the compiled script comes from a file: the bundle has none.
  if (/\bimport\("/.test(content)) throw new Error(`${filename} has an import(), which a compiled script cannot run`);
  const digest = createHash('sha256').update(content).digest();
  const file = join(FOLDER, `${basename(filename)}-${process.version}`);
  const cachedData = compiled(file, digest);
  const source = Module.wrap(content.replace(/^#!.*/, ''));
  const script = new Script(source, { filename, cachedData });
  // At the end: V8 compiles a function once it is called.
  if (cachedData === undefined || script.cachedDataRejected) {
    process.once('exit', () => keep(file, [digest, script.createCachedData()]));
  }
  const require = Object.assign(createRequire(filename), { main: process.mainModule });
  return script.runInThisContext().call(this.exports, this.exports, require, this, filename, dirname(filename));
};

import { join } from 'node:path';

/** An environment for a process of Node that loads these files of `test/` first, besides what it loads anyway. */
export function preloaded(environment: NodeJS.ProcessEnv, ...files: string[]): NodeJS.ProcessEnv {
  const options = files.map((file) => `--require "${join(__dirname, '../../test', file)}"`);
  const own = environment.NODE_OPTIONS ?? process.env.NODE_OPTIONS;
  return { ...environment, NODE_OPTIONS: [own, ...options].filter(Boolean).join(' ') };
}

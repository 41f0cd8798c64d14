import { join } from 'node:path';

/** An environment for a process of Node that loads these files of `test/` first, besides what it loads anyway. */
export function preloaded(environment: NodeJS.ProcessEnv, ...files: string[]): NodeJS.ProcessEnv {
  const options = files.map((file) => `--require "${join(__dirname, '../../test', file)}"`);
  return { ...environment, NODE_OPTIONS: [environment.NODE_OPTIONS, ...options].filter(Boolean).join(' ') };
}

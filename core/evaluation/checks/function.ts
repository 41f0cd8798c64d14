import type { CheckKind } from '../check-kind';

/** The digest of the suite holds the file's own text, and not what it imports: nobody can be held to it. */
export const ownFunction: CheckKind<undefined> = {
  name: 'function',
  means:
    'a function of your own decides: the default export of `module`, or `export`; such a suite cannot be signed for',
  settings: {
    module: {
      words: 'the path of an .mjs file',
      isIt: (value) => typeof value === 'string' && /\.mjs$/.test(value),
      required: true,
      file: 'code',
    },
    export: { words: 'the name of an export', isIt: (value) => typeof value === 'string' && value !== '' },
  },
};

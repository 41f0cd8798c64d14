import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

/** Whole stacks, deployed, and the command as a process by the dozen: minutes rather than seconds, `npm run test:e2e`. */
const deployed = [
  'test/e2e/**/*.test.ts',
  'test/docs/blocks.test.ts',
  'test/local-aws/{lambda,lambda-events,random-requests}.test.ts',
  'test/local-aws/cloudformation/{adversary,change-sets,rollback}.test.ts',
  'test/cli/{another-plan,approval-races,approvals,as-reported,asking,audit-command,command-line,evaluate,evaluate-endpoint,models,plan-and-rollback,promote,registry-commands,reader-left,same-prefix,several-registries,signed-evaluation,snapshot,status,watched-release}.test.ts',
  'test/lib/{cdk-nag,default-rules,stack-limits}.test.ts',
];

const common = {
  testTimeout: 120_000,
  hookTimeout: 120_000,
  // aws-cdk-lib checks each synthesized template for seconds; test/lib/default-rules.test.ts does that once for all.
  env: { CDK_VALIDATION: 'false', AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
};

/** Sources with a safeguard taken out: `npm run test:faults -- --mutants` says which, as JSON. */
const changes: { file: string; text: string; replacement: string }[] = JSON.parse(process.env.MUTANT ?? '[]');
const mutant = {
  name: 'mutant',
  enforce: 'pre' as const,
  transform(code: string, id: string) {
    const own = changes.filter(({ file }) => id === resolve(file));
    return own.reduce((source, { text, replacement }) => {
      if (source.split(text).length !== 2) throw new Error(`expected once in ${id}: ${text}`);
      return source.replace(text, () => replacement);
    }, code);
  },
};

/** The folder by its sources: Vite takes the `exports` in its package.json, which are for those who install it. */
const sources = { alias: [{ find: /^((?:\.\.\/)+packages\/local-aws)$/, replacement: '$1/index.ts' }] };

export default defineConfig({
  test: {
    projects: [
      {
        plugins: [mutant],
        resolve: sources,
        test: {
          ...common,
          name: 'rules',
          sequence: { groupOrder: 1 },
          include: [
            'test/{build,core,docs,lambda,client,cli,studio,langfuse,local-aws,reports}/**/*.test.ts',
            'test/*.test.ts',
          ],
          exclude: [...deployed, 'test/official-construct.test.ts'],
          // Left alone, Vitest takes one worker less than there are processors: one of two.
          maxWorkers: 2,
        },
      },
      {
        // These load aws-cdk-lib, which takes longer than most of them: once for all, in one thread.
        plugins: [mutant],
        resolve: sources,
        test: {
          ...common,
          name: 'constructs',
          unstubEnvs: true,
          sequence: { groupOrder: 2 },
          include: ['test/lib/**/*.test.ts', 'test/official-construct.test.ts'],
          exclude: deployed,
          pool: 'threads',
          maxWorkers: 1,
          isolate: false,
        },
      },
      {
        resolve: sources,
        test: { ...common, name: 'browser', sequence: { groupOrder: 4 }, include: ['test/browser/*.test.ts'] },
      },
      {
        resolve: sources,
        test: {
          ...common,
          name: 'deployed',
          sequence: { groupOrder: 3 },
          include: deployed,
          maxWorkers: 2,
          // An endpoint lives on short strings: V8 looks through its young ones less often.
          execArgv: ['--max-semi-space-size=64'],
        },
      },
    ],
  },
});

import type { Template } from './example-stack';
import type { SourceChange } from './source-change';

/** A registry with one of its safeguards taken out. */
export interface Mutant {
  readonly name: string;
  readonly changes: readonly SourceChange[];
  /** The test of `npm test` that fails with it, where the fault matrix does not come to it. */
  readonly caughtBy?: string;
  /** Throws if the template does not hold what is to be changed. */
  readonly changeTemplate?: (template: Template) => void;
}

/** One change that the named test file sees. */
export const mutant = (name: string, caughtBy: string, file: string, text: string, replacement: string): Mutant => ({
  ...{ name, caughtBy },
  changes: [{ file, text, replacement }],
});

const ALIAS_HANDLER = 'lambda/prompt-alias/handler.ts';
const INDEX = 'lambda/prompt-alias/index.ts';

const pointerWriter = `
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
const ssm = new SSMClient({});
async function work(event: Parameters<typeof handlePromptAlias>[0]) {
  if (event.ResourceType === RELEASE_REASON_TYPE) return handleReleaseReason(event, deps());
  const attributes = await handlePromptAlias(event, deps());
  const { PromptName, AliasName } = event.ResourceProperties;
  const Name = \`\${environmentVariable('PARAMETER_PREFIX')}/\${PromptName}/\${AliasName}\`;
  const put = new PutParameterCommand({ Name, Value: attributes.VersionArn, Type: 'String', Overwrite: true });
  if (event.RequestType === 'Update') await ssm.send(put);
  return attributes;
}
`;

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'going back takes no number when nothing moves',
    changes: [
      {
        file: ALIAS_HANDLER,
        text: `    const ended = await endedRollout(release, before, rollout, deps);
    const record = {`,
        replacement: `    const ended = await endedRollout(release, before, rollout, deps);
    if (kind === 'abandon') return answer;
    const record = {`,
      },
    ],
  },
  {
    name: 'forward takes the next free number',
    changes: [
      {
        file: ALIAS_HANDLER,
        text: `  if ((head?.sequence ?? 0) !== release.revision) return settle(event, release, ledger, answer, deps);`,
        replacement: '',
      },
      {
        file: ALIAS_HANDLER,
        text: `  return (await isAppended(record, ledger, deps)) ? answer : settle(event, release, ledger, answer, deps);`,
        replacement: `  return (await isAppended(record, ledger, deps)) ? answer : goForward(event, release, ledger, deps);`,
      },
    ],
  },
  {
    name: 'the revision is compared on the way back',
    changes: [
      {
        file: ALIAS_HANDLER,
        text: `    if (await hasOwnRecord(event, entries, since)) return answer;`,
        replacement: `    if (await hasOwnRecord(event, entries, since)) return answer;
    if (((await firstOf(entries))?.sequence ?? 0) !== release.revision) return settle(event, release, ledger, answer, deps);`,
      },
    ],
  },
  {
    name: 'the direction is told by the status alone',
    changes: [
      {
        file: ALIAS_HANDLER,
        text: `  switch (eventDirection(event)) {`,
        replacement: `  const status = isRollback(await deps.stack.status(event.StackId)) ? 'back' : eventDirection(event);
  switch (status) {`,
      },
    ],
  },
  {
    name: 'a handler writes the pointer itself',
    changes: [
      {
        file: INDEX,
        text: `export const handler = customResource({
  work: (event) =>
    event.ResourceType === RELEASE_REASON_TYPE ? handleReleaseReason(event, deps()) : handlePromptAlias(event, deps()),
  physicalResourceId,
});`,
        replacement: `${pointerWriter}\nexport const handler = customResource({ work, physicalResourceId });`,
      },
    ],
    changeTemplate: ({ Resources }) => {
      const [policy] = resources({ Resources }, /^ReleaserPrompts/);
      const document = policy?.Properties?.PolicyDocument as { Statement: object[] };
      document.Statement.push({ Effect: 'Allow', Action: 'ssm:PutParameter', Resource: '*' });
    },
  },
  {
    name: 'the pointer takes the plan, not the record',
    changes: [],
    changeTemplate: (template) => {
      for (const alias of ['Staging', 'Prod', 'Canary']) {
        const [plan] = Object.keys(template.Resources).filter((id) => id.startsWith(`Advisor${alias}ReleasePlan`));
        for (const pointer of resources(template, new RegExp(`^Advisor${alias}Parameter`), alias === 'Canary')) {
          pointer.Properties = { ...pointer.Properties, Value: { 'Fn::GetAtt': [plan, 'TargetArn'] } };
        }
      }
    },
  },
  {
    name: 'stack parameters have the Default 1',
    changes: [],
    changeTemplate: ({ Parameters }) => {
      const [parameter] = Object.keys(Parameters).filter((name) => name === 'AdvisorProdVersion');
      if (!parameter) throw new Error('expected the parameter AdvisorProdVersion, found none');
      Parameters[parameter] = { ...Parameters[parameter], Default: '1' };
    },
  },
  {
    name: 'plans are refused on the way back as well',
    changes: [
      {
        file: 'lambda/prompt-release-plan/handler.ts',
        text: `  const goingBack = isRollingBack(await askAgain(() => deps.stack.status(event.StackId), deps.clock));`,
        replacement: `  const goingBack = false;`,
      },
    ],
  },
  {
    name: 'records do not say that they undo',
    changes: [
      {
        file: ALIAS_HANDLER,
        text: `  const undo = event.RequestType === 'Update' || (await isGoingBack(event, deps));`,
        replacement: `  const undo = false;`,
      },
    ],
  },
  {
    name: 'the last reason counts for every release',
    changes: [
      {
        file: 'lambda/prompt-alias/reason-of-operation.ts',
        text: `  return isSame ? newest.reason : null;`,
        replacement: `  return newest.reason;`,
      },
    ],
  },
  {
    name: 'versions of others are pruned',
    changes: [
      {
        file: 'lambda/prompt-version/make-room.ts',
        text: `    if (digest !== null && (await archive.holds(version, digest))) archived.add(version);`,
        replacement: `    if (digest !== null) archived.add(version);`,
      },
    ],
  },
  {
    name: 'a shorter window of held versions',
    caughtBy: 'test/lambda/prompt-version.test.ts',
    changes: [
      {
        file: 'lambda/prompt-version/held-versions.ts',
        text: `    const history = replayed(placesIn(new AliasLedger(store, promptId, alias).entries()));`,
        replacement: `    const all = placesIn(new AliasLedger(store, promptId, alias).entries());
    const newest = async function* () {
      let left = 100;
      for await (const record of all) if (left-- > 0) yield record;
    };
    const history = replayed(newest());`,
      },
    ],
  },
  {
    name: 'a Delete takes the withdrawn list of its event',
    caughtBy: 'test/lambda/prompt-alias.test.ts',
    changes: [
      {
        file: ALIAS_HANDLER,
        text: `    const withdrawn = withdrawnAfter(event, release, before);`,
        replacement: `    const { withdrawn } = release;`,
      },
    ],
  },
  {
    name: 'the ground keeps what a return from beyond left',
    caughtBy: 'test/core/release/ground.test.ts',
    changes: [
      {
        file: 'core/release/ground.ts',
        text: `  return isFromBeyond(version, record, isWhole) ? [version] : [...before, version];`,
        replacement: `  return [...before, version];`,
      },
    ],
  },
  {
    name: 'the ground keeps withdrawn versions',
    caughtBy: 'test/core/release/ground.test.ts',
    changes: [
      {
        file: 'core/release/ground.ts',
        text: `    found = found.filter((version) => !withdrawn.includes(version));`,
        replacement: ``,
      },
    ],
  },
  {
    name: 'the ground holds releases that failed',
    caughtBy: 'test/core/release/ground.test.ts',
    changes: [{ file: 'core/release/ground.ts', text: `withoutUndone(noted())`, replacement: `noted()` }],
  },
  {
    name: 'a part of the history counts as the whole',
    caughtBy: 'test/core/release/ground.test.ts',
    changes: [
      {
        file: 'core/release/ground.ts',
        text: `  return !isWhole || version < (from?.version ?? 0);`,
        replacement: `  return version < (from?.version ?? 0);`,
      },
    ],
  },
  {
    name: 'an old version that a token leads to is deleted',
    caughtBy: 'test/lambda/prompt-version.test.ts',
    changes: [
      {
        file: 'lambda/prompt-version/handler.ts',
        text: `    if (mayDelete && version > known.highest) await`,
        replacement: `    await`,
      },
    ],
  },
  {
    name: 'a version is archived without a claim',
    caughtBy: 'test/lambda/prompt-version.test.ts',
    changes: [
      {
        file: 'lambda/version-archive.ts',
        text: `    return open.some((after) => after < version);`,
        replacement: `    return true;`,
      },
      { file: 'lambda/version-archive.ts', text: `    if (keys.length === 0) return false;`, replacement: '' },
    ],
  },
  {
    name: 'a claim counts for good',
    caughtBy: 'test/lambda/prompt-version.test.ts',
    changes: [
      {
        file: 'lambda/version-archive.ts',
        text: `      .filter((after) => !archived.some((met) => met > after));`,
        replacement: `      .filter((after) => archived || after);`,
      },
    ],
  },
  {
    name: 'lifecycle rules are not denied',
    caughtBy: 'test/lib/prompt-registry.test.ts',
    changes: [
      {
        file: 'lib/private/ledger-bucket.ts',
        text: `'s3:BypassGovernanceRetention', 's3:PutLifecycleConfiguration']`,
        replacement: `'s3:BypassGovernanceRetention']`,
      },
    ],
  },
  {
    name: 'a made-up event that goes forward is believed',
    caughtBy: 'test/lambda/prompt-alias.test.ts',
    changes: [
      {
        file: 'lambda/event-origin.ts',
        text: `  if (wanted !== undefined) return wanted;\n  if (trouble`,
        replacement: `  if (trouble === undefined) return wanted ?? { status: '', operation: null, properties: undefined };\n  if (trouble`,
      },
    ],
  },
  {
    name: 'a made-up event that goes back is believed while its alias is released',
    caughtBy: 'test/lambda/prompt-alias.test.ts',
    changes: [
      {
        file: 'lambda/event-origin.ts',
        text: `    status === SHOWN[event.RequestType] &&`,
        replacement: `    status !== '' ||`,
      },
    ],
  },
  {
    name: 'a made-up event that goes back is believed',
    caughtBy: 'test/lambda/prompt-alias.test.ts',
    changes: [
      {
        file: ALIAS_HANDLER,
        text: `(await originOfBack(event, before, deps)) === 'refused'`,
        replacement: `(await originOfBack(event, before, deps)) === undefined`,
      },
    ],
  },
];

function resources({ Resources }: Pick<Template, 'Resources'>, pattern: RegExp, isOptional = false) {
  const found = Object.entries(Resources).filter(([id]) => pattern.test(id));
  if (found.length === 0 && !isOptional) throw new Error(`expected a resource ${pattern}, found none`);
  return found.map(([, resource]) => resource);
}

import type { LedgerRecord } from '../../core/ledger/record';
import { wordDiff } from '../../core/text/word-diff';
import { type Demonstration, type Pointers, PROMPT } from './demonstration';
import { expectSame } from './expectation';
import type { Screen } from './screen';

const VERSION_PARAMETER = 'FinancialAnalysisProdVersion';
const WITHDRAWN_PARAMETER = 'FinancialAnalysisWithdrawnVersions';

/** The main job in eight chapters. Each says what it did and compares what came of it with what it stated. */
export async function tellChapters(demo: Demonstration, screen: Screen, account: string): Promise<void> {
  await screen.chapter(1, 'cdk bootstrap', async (note) => {
    await demo.bootstrap(account, note);
    return [];
  });

  await screen.chapter(2, 'cdk deploy Prompts-prod Consumer-prod -c env=prod', async (note) => {
    await demo.deploy(note, { consumer: true });
    await expectPointers(demo, { PROD: null, STAGING: 1 });
    return [`${PROMPT}   ${await versionLine(demo, 1)}   STAGING → 1   PROD → –`];
  });

  await screen.chapter(3, `cdk deploy Prompts-prod … --parameters ${VERSION_PARAMETER}=1`, async (note) => {
    await demo.deploy(note, { parameters: { [VERSION_PARAMETER]: '1' } });
    await expectPointers(demo, { PROD: 1, STAGING: 1 });
    return ['PROD  – → 1'];
  });

  await screen.chapter(4, 'edit one word of the prompt file, cdk deploy', async (note) => {
    const { before, after } = demo.edit('balanced', 'conservative');
    await demo.deploy(note);
    await expectPointers(demo, { PROD: 1, STAGING: 2 });
    return [changedLine(before, after), `${await versionLine(demo, 2)}   STAGING 1 → 2   PROD 1`];
  });

  await screen.chapter(5, "as the application's role, over HTTP with its own credentials", async () => {
    const application = await demo.application();
    const [one, two, draft] = [await demo.versionArn(1), await demo.versionArn(2), await demo.draftArn()];
    const seen = {
      'Converse :1': await application.converse(one),
      'Converse :2': await application.converse(two),
      'Converse draft': await application.converse(draft),
      'GetPrompt draft': await application.getPrompt(await demo.promptId()),
    };
    expectSame('what the role may do', seen, {
      'Converse :1': 200,
      'Converse :2': 403,
      'Converse draft': 403,
      'GetPrompt draft': 403,
    });
    return [
      Object.entries(seen)
        .map(([what, status]) => `${what}  ${status}`)
        .join('     '),
    ];
  });

  await screen.chapter(6, 'release 2 to PROD, ten calls a second meanwhile', async (note) => {
    const loop = (await demo.application()).loop();
    await demo.deploy(note, { parameters: { [VERSION_PARAMETER]: '2' } });
    await loop.answered(2);
    const { calls, errors, runs } = await loop.stop();
    expectSame('errors that the caller saw', errors, []);
    expectSame(
      'versions that answered, in order',
      runs.map(([version]) => version),
      [1, 2],
    );
    await expectPointers(demo, { PROD: 2, STAGING: 2 });
    const story = runs.map(([version, count]) => `${count} on version ${version}`).join(', then ');
    return [`PROD 1 → 2   ${calls} calls, ${errors.length} errors: ${story}`];
  });

  await screen.chapter(7, 'release 1 next to a resource that fails: rolled back', async (note) => {
    const before = (await demo.ledger('PROD')).length;
    await demo.deploy(note, { parameters: { [VERSION_PARAMETER]: '1' }, failing: true });
    await expectPointers(demo, { PROD: 2, STAGING: 2 });
    const moves = (await demo.ledger('PROD')).slice(before).map(move);
    expectSame('records of PROD since', moves, ['2 → 1', '1 → 2']);
    return [`PROD stays 2: the record says ${moves.join(' and ')}, the chain verifies`];
  });

  await screen.chapter(8, 'roll back to 1 and withdraw 2; put the word back, deploy', async (note) => {
    await demo.deploy(note, { parameters: { [VERSION_PARAMETER]: '1', [WITHDRAWN_PARAMETER]: '2' } });
    await expectPointers(demo, { PROD: 1, STAGING: 2 });
    const status = await (await demo.application()).converse(await demo.versionArn(2));
    expectSame('Converse :2 after its withdrawal', status, 403);
    demo.edit('conservative', 'balanced');
    await demo.deploy(note);
    await expectPointers(demo, { PROD: 1, STAGING: 1 });
    expectSame(
      'versions',
      (await demo.versions()).map(({ version }) => version),
      [1, 2],
    );
    return [`PROD 2 → 1   Converse :2  ${status}   STAGING 2 → 1   no version 3: the content is version 1's`];
  });
}

/** What the registry looks like at the end, read back from it. */
export async function tellEnd(demo: Demonstration, screen: Screen): Promise<void> {
  const records = await demo.ledger('PROD');
  const withdrawn = records.at(-1)?.withdrawn ?? [];
  const versions = (await demo.versions()).map(({ version, digest }) => {
    return `${version} ${short(digest)}${withdrawn.includes(version) ? ' (withdrawn)' : ''}`;
  });
  const pointers = Object.entries(await demo.pointers()).map(([alias, version]) => `${alias} ${version ?? '–'}`);
  screen.line(`\n   ${PROMPT}   versions ${versions.join('  ')}    ${pointers.reverse().join('   ')}`);
  const told = records.map((record) => `#${record.sequence} ${record.kind} ${move(record)}`);
  screen.line(`   ledger PROD   ${told.join('   ')}   chain ok`);
}

async function expectPointers(demo: Demonstration, expected: Pointers): Promise<void> {
  const seen = await demo.pointers();
  expectSame('aliases', Object.fromEntries(Object.entries(seen).sort()), expected);
}

async function versionLine(demo: Demonstration, version: number): Promise<string> {
  const found = (await demo.versions()).find((published) => published.version === version);
  return `version ${version}  ${short(found?.digest)}`;
}

function changedLine(before: string, after: string): string {
  return (
    wordDiff(before, after)
      .split('\n')
      .find((line) => line.includes('[-')) ?? ''
  );
}

function move({ from, to }: LedgerRecord): string {
  return `${from?.version ?? '–'} → ${to?.version ?? '–'}`;
}

function short(digest: string | undefined): string {
  return digest ? `${digest.slice(0, 10)}…` : 'not of this registry';
}

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MetricReadout } from '../../core/experiment/readout';
import { answersText, differenceText, verdictText } from '../../core/experiment/readout-text';
import type { ExperimentReport } from '../../core/experiment/report';
import { type Demonstration, PROMPT } from './demonstration';
import { expectSame, Unexpected } from './expectation';
import { RolloutStage } from './rollout-stage';
import type { RolloutStoryProps } from './rollout-story';
import type { Screen } from './screen';
import { userBar } from './user-bar';
import { UserCrowd } from './user-crowd';
import { UserFeedback } from './user-feedback';

export type AbStoryProps = Omit<RolloutStoryProps, 'operator' | 'failOn'>;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const [OLD, NEW] = [1, 2];
/** What users think, which the readout has to find out: one score differs, the other does not. */
const OPINIONS = { helpful: { [OLD]: 0.5, [NEW]: 0.75 }, clear: { [OLD]: 0.6, [NEW]: 0.6 } };
const DIFFERENCES = { errors: 0, slow: 0, helpful: 0.25, clear: 0 };
/** Users come in four hours of a day, new ones in each, and some of those before again. The last day is of the other prompt. */
const DAYS = 13;
const HOURS = 4;
const VISITS = DAYS * HOURS;
const RETURNING = 5;

/** The other prompt, of half of the users, in four visits; its processes with lower numbers lose lines. */
const LETTER = 'market-letter';
const LETTER_VISITS = 4;
const LETTER_USERS = 500;
const LOSING = 25;

const SIDE_BY_SIDE = `${OLD}..${NEW}`;
const SPLIT = { stable: OLD, candidate: NEW, share: 50 };

/** Two versions side by side among 1,000 users for 14 days, in five chapters: read out, and the better one released by its tag. */
export async function tellAbStory(demo: Demonstration, screen: Screen, props: AbStoryProps): Promise<void> {
  const { account, now, logged, messages } = props;

  await screen.chapter(
    1,
    `cdk bootstrap; cdk deploy of v1.0, then of v1.1 with …ProdVersion=${SIDE_BY_SIDE}`,
    async (note) => {
      await demo.bootstrap(account, note);
      demo.edit('model:', 'tag: v1.0\nmodel:');
      writeLetter(demo, 'v1.0', 'Write to our clients about {{ticker}}.');
      await demo.deploy(note, { parameters: targets(`${OLD}`) });
      demo.edit('tag: v1.0', 'tag: v1.1');
      demo.edit('at most five sentences', 'three sentences and in plain words');
      writeLetter(demo, 'v1.1', 'Write to our clients about {{ticker}}, please.');
      await demo.deploy(note, { parameters: targets(SIDE_BY_SIDE) });
      return [
        'PROD gives v1.0 to half of its users and v1.1 to the other half, for 14 days; an hour is over at once here',
      ];
    },
  );

  const isLost = (line: string, process: number) => process < LOSING && isOf(line, LETTER, NEW);
  const crowd = new UserCrowd({
    own: await demo.rolloutRole('Application'),
    now: () => now().getTime(),
    logged: (line, process) => {
      if (!isLost(line, process)) logged(line);
    },
  });
  const stage = new RolloutStage(demo, crowd, props);
  const run = (...args: string[]) => stage.command(undefined, 0, ...args);
  const read = await demo.readout();
  const feedback = new UserFeedback(crowd, OPINIONS);
  const topic = await demo.alerts();
  /** Of the visits: a whole hour after the first step, and some minutes. */
  let begins = 0;
  let ends = '';
  let byPlace: string[] = [];
  /** Users come; an hour later the readout is looked at. */
  const comeAndLook = async (visit: number, users?: readonly string[]) => {
    const time = begins + Math.floor(visit / HOURS) * DAY + (visit % HOURS) * HOUR;
    await stage.skipTo(time);
    await stage.reach(50);
    const came = part(crowd.users, visit, VISITS);
    const callers = [...came, ...part(crowd.users, visit - 1, VISITS).slice(0, RETURNING)];
    const { given, calls } = await stage.round({ ...SPLIT, users: users ?? callers, callers });
    const opinions = await feedback.arrive();
    feedback.ask(calls);
    await stage.skipTo(time + HOUR);
    const report = await read();
    judge(`look ${visit + 1}`, report, { uses: crowd.users.indexOf(came.at(-1) ?? '') + 1, opinions });
    return { given, report };
  };
  /** In the first hour all users are given a version. Answers these, and the last look. */
  const day = async (visit: number) => {
    let { given, report } = await comeAndLook(visit, crowd.users);
    for (let hour = 1; hour < HOURS; hour++) ({ report } = await comeAndLook(visit + hour));
    return { given, report };
  };

  await screen.chapter(
    2,
    'users come, some again, and say later how it was; a look after each hour of theirs',
    async (note) => {
      await stage.reach(50);
      begins = Math.ceil(now().getTime() / HOUR) * HOUR + 5 * MINUTE;
      const [, tooEarly = ''] = await run('rollout', 'readout', PROMPT, 'PROD');
      if (!tooEarly.includes('nothing to read before')) throw new Unexpected('rollout readout', 'not yet', tooEarly);
      const place = await stage.places(NEW);
      byPlace = [...crowd.users].sort((one, other) => place(one) - place(other));
      const [pinned = ''] = byPlace;
      const rows: string[] = [];
      const seen: (number | undefined)[][] = [];
      let bar = '';
      for (let n = 1; n <= DAYS; n++) {
        note(`day ${n}`);
        const { given, report } = await day((n - 1) * HOURS);
        seen.push(await crowd.everywhere(pinned));
        rows.push(lookRow(n, report));
        bar = userBar(`day ${n}`, byPlace, given, NEW);
        ends = report.ends ?? '';
      }
      if (!rows[0]?.endsWith('not told apart')) throw new Unexpected('the first day', 'not told apart', rows[0]);
      expectSame(`versions of ${pinned} in all processes`, [...new Set(seen.flat())], [NEW]);
      return [
        tooEarly.trim(),
        `${'helpful'.padEnd(8)}${'v1.0'.padEnd(15)}${'v1.1'.padEnd(15)}it is ${DIFFERENCES.helpful * 100} points better, which nobody knows`,
        ...rows,
        `${VISITS} looks: an hour in which nobody comes says nothing new, and is skipped. Each had the true difference between`,
        'its two numbers, and told neither errors nor slow nor clear apart, which are alike',
        bar,
        `nobody’s version changed in ${VISITS} visits: callers each time, all 1,000 once a day`,
      ];
    },
  );

  await screen.chapter(3, `the last day, ${LETTER}: half of the processes lose what they log of v1.1`, async () => {
    const opinions = new UserFeedback(crowd, { helpful: { [OLD]: 0.65, [NEW]: 0.65 } });
    const users = crowd.users.slice(0, LETTER_USERS);
    const morning = begins + DAYS * DAY;
    for (let visit = 0; visit < LETTER_VISITS; visit++) {
      await stage.skipTo(morning + visit * HOUR);
      await stage.reach(50);
      const callers = part(users, visit, LETTER_VISITS);
      const round = await stage.round({ ...SPLIT, prompt: LETTER, users: callers, callers });
      await opinions.arrive();
      opinions.ask(round.calls);
    }
    await opinions.arrive();
    await stage.skipTo(morning + LETTER_VISITS * HOUR);
    const lines = await stage.command(undefined, 2, 'rollout', 'readout', LETTER, 'PROD');
    if (!/void: 1\d\d of 3\d\d first uses got the candidate, 50\.0 % are planned/.test(lines[0] ?? '')) {
      throw new Unexpected('the split', 'void', lines);
    }
    if (/ points|better|worse/.test(lines.join())) throw new Unexpected('rollout readout', 'no difference', lines);
    return ['exit code 2', ...lines];
  });

  await screen.chapter(4, 'the 14 days are over, nobody does anything; rollout readout --html', async () => {
    await stage.skipTo(Date.parse(ends) + MINUTE);
    const { given } = await stage.round({ stable: OLD, callers: crowd.users.slice(0, RETURNING) });
    // What is said of answers from before the end counts.
    const opinions = await feedback.arrive();
    // A message may come twice.
    const told = () => [...new Set(messages(topic))].filter((message) => message.startsWith(`${PROMPT} PROD`));
    const over = () => told().filter((message) => message.includes('is over since'));
    await stage.pass('a message of its end', () => over().length > 0);
    expectSame('messages of its end', over().length, 1);
    await stage.skipTo(now().getTime() + 2 * HOUR);
    const report = await read();
    expectSame('opinions', opinions, crowd.users.length);
    judge('the last look', report, { uses: crowd.users.length, opinions });
    expectSame('helpful', metricOf(report, 'helpful').verdict, 'better');
    const file = join(demo.scratch, 'readout.html');
    const lines = await run('rollout', 'readout', PROMPT, 'PROD', '--html', file);
    for (const metric of report.metrics) {
      const isSame = (line: string) => line.includes(differenceText(metric)) && line.includes(verdictText(metric));
      if (!lines.some(isSame)) throw new Unexpected('rollout readout', differenceText(metric), lines);
    }
    const page = readFileSync(file, 'utf8');
    expectSame('plots of the page', page.match(/<figure/g)?.length, 2 * report.metrics.length);
    return [
      userBar('over', byPlace, given, NEW),
      'to the topic:',
      ...over().join('\n').split('\n'),
      ...lines.map((line) => line.replace(`${demo.scratch}/`, '')),
    ];
  });

  await screen.chapter(5, `promote ${PROMPT} PROD --to v1.1; audit log`, async () => {
    const because = ['--reason', 'more helpful'];
    const outcome = await run('promote', PROMPT, 'PROD', '--to', 'v1.1', ...because, '--yes');
    await stage.noticed();
    const { given } = await stage.round({ stable: NEW, callers: crowd.users.slice(0, RETURNING) });
    const log = await run('audit', 'log', PROMPT, '--alias', 'PROD', '--json');
    const [settled, begun] = JSON.parse(log.join('')).rows;
    const { kind, from, to, tags, reason } = settled;
    expectSame(
      'the newest record',
      { from, to, tags, reason },
      { from: OLD, to: NEW, tags: ['v1.1'], reason: because[1] },
    );
    expectSame('the one before', [begun.to, begun.rollout?.candidate], [OLD, NEW]);
    return [
      ...outcome.filter((line) => line.startsWith('✔') || line.startsWith('ok')),
      userBar('released', byPlace, given, NEW),
      `audit log … --json: ${JSON.stringify({ kind, from, to, tags, reason })}`,
    ];
  });
}

/** How many users were there so far, and how many of them said how it was. */
interface Arrived {
  readonly uses: number;
  readonly opinions: number;
}

/** A look has counted all that came so far, and says nothing that is not so. */
function judge(what: string, report: ExperimentReport, { uses, opinions }: Arrived): void {
  expectSame(`${what}: the split is void`, report.isVoid, false);
  expectSame(`${what}: metrics`, report.metrics.map(({ name }) => name).sort(), Object.keys(DIFFERENCES).sort());
  for (const [name, difference] of Object.entries(DIFFERENCES)) {
    const metric = metricOf(report, name);
    const { low, high, candidate, stable } = metric;
    expectSame(`${what}: counted of ${name}`, candidate.n + stable.n, name in OPINIONS ? opinions : uses);
    if (isTold(metric)) expectSame(`${what}: ${name}`, metric.verdict, difference > 0 ? 'better' : 'not told apart');
    if (difference < low || high < difference) {
      throw new Unexpected(`${what}: ${name}`, `${difference} between its two numbers`, metric);
    }
  }
}

function isTold({ verdict }: MetricReadout): boolean {
  return verdict === 'better' || verdict === 'worse';
}

function metricOf({ metrics }: ExperimentReport, name: string): MetricReadout {
  const found = metrics.find((metric) => metric.name === name);
  if (!found) throw new Unexpected('metrics', name, metrics);
  return found;
}

function lookRow(day: number, report: ExperimentReport): string {
  const helpful = metricOf(report, 'helpful');
  const arms = [helpful.stable, helpful.candidate].map((arm) => answersText(arm).padEnd(15));
  return `day ${`${day}`.padEnd(4)}${arms.join('')}${differenceText(helpful).padEnd(38)}${verdictText(helpful)}`;
}

/** The part of all users that comes in one visit of several. */
function part(users: readonly string[], visit: number, visits: number): string[] {
  const begin = (n: number) => Math.max(0, Math.round((n * users.length) / visits));
  return users.slice(begin(visit), begin(visit + 1));
}

/** Whether a line counts a use of this version of a prompt, or an opinion of it. */
function isOf(line: string, prompt: string, version: number): boolean {
  const { Prompt, Version } = JSON.parse(line);
  return Prompt === prompt && Version === String(version);
}

function targets(target: string): Record<string, string> {
  return { FinancialAnalysisProdVersion: target, MarketLetterProdVersion: target };
}

function writeLetter({ scratch }: Demonstration, tag: string, text: string): void {
  const head = `---\nmodel: amazon.nova-pro-v1:0\ntag: ${tag}\ninput:\n  schema:\n    ticker: string\n---\n`;
  writeFileSync(join(scratch, 'prompts', `${LETTER}.prompt`), `${head}${text}\n`);
}

// Writes what `prompt-registry evaluate --json` says under a pull request: one comment, which each run replaces.
// node pull-request-comment.mjs evaluation.json, with GITHUB_TOKEN, GITHUB_REPOSITORY and PULL_REQUEST.
import { readFileSync } from 'node:fs';

const MOST_CASES = 20;
const SIGNS = { 'not worse': '✅', worse: '❌', inconclusive: '❔' };

/** A name, a reason or an answer in a table of Markdown: no markup of its own, no mention of anybody. */
function cell(text) {
  const line = String(text ?? '').replace(/\s+/g, ' ');
  return line.replace(/[&<>|*_`[\]\\~#@!:]/g, (character) => `&#${character.codePointAt(0)};`);
}

const percent = (share) => `${Number((share * 100).toFixed(1))} %`;
const points = (share) => `${share < 0 ? '−' : '+'}${Math.abs(share * 100).toFixed(1)}`;
const passed = (pass) => (pass === null ? '' : pass ? 'pass' : '**FAIL**');

/** The comment, with a mark by which the next run finds it. */
export function comment(evaluation) {
  const { prompt, candidate, live, verdict, metrics, results, critical, flaky, advisory, usage } = evaluation;
  const told = results.filter(({ change }) => change !== 'passes');
  const reasons = (one) =>
    one.reasons.map(({ metric, reason }) => (metric ? `${metric}: ${reason}` : reason)).join('; ');
  const metricRows = Object.entries(metrics).map(([name, metric]) =>
    metric.verdict
      ? `| ${cell(name)} | ${percent(metric.live)} → ${percent(metric.candidate)} | ${points(metric.difference)}, 95 % ${points(metric.low)} … ${points(metric.high)} | ${metric.verdict} |`
      : `| ${cell(name)} | ${metric.both + metric.onlyCandidate} pass | | |`,
  );
  const caseRows = told
    .slice(0, MOST_CASES)
    .map(
      (one) =>
        `| ${one.isCritical ? '❗ ' : ''}${cell(one.id)} | ${passed(one.live)} | ${passed(one.candidate)} | ${cell(reasons(one))} |`,
    );
  const sides = [usage.live, usage.candidate].filter(Boolean);
  return [
    marker(prompt),
    `### ${SIGNS[verdict]} ${cell(prompt)}: ${cell(candidate.label)}${live ? ` against ${cell(live.label)}` : ''}: ${verdict}`,
    '',
    ...(critical.failed.length > 0 ? [`Critical cases fail: ${critical.failed.map(cell).join(', ')}`, ''] : []),
    ...(flaky.length > 0 ? [`Flaky: ${flaky.map(cell).join(', ')}`, ''] : []),
    '| metric | pass | points | verdict |',
    '| --- | --- | --- | --- |',
    ...metricRows,
    '',
    ...(caseRows.length > 0 ? ['| case | live | new | why |', '| --- | --- | --- | --- |', ...caseRows, ''] : []),
    ...(told.length > MOST_CASES ? [`${told.length - MOST_CASES} more changed or fail.`, ''] : []),
    `${evaluation.cases} cases, ${sides.map(({ tokens }) => tokens.toLocaleString('en')).join(' → ')} tokens an answer, \`${evaluation.suite.slice(0, 16)}…\``,
    ...advisory.map((why) => `\n_Advisory: ${cell(why)}._`),
  ].join('\n');
}

const marker = (prompt) => `<!-- prompt-registry evaluate ${prompt.replace(/[^\w-]/g, '')} -->`;

/** Makes the comment, or replaces the one that is there. */
export async function publish(evaluation, env = process.env) {
  const { GITHUB_API_URL = 'https://api.github.com', GITHUB_REPOSITORY, GITHUB_TOKEN, PULL_REQUEST } = env;
  const ask = async (method, path, body) => {
    const response = await fetch(`${GITHUB_API_URL}/repos/${GITHUB_REPOSITORY}/${path}`, {
      method,
      headers: { authorization: `Bearer ${GITHUB_TOKEN}`, accept: 'application/vnd.github+json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`GitHub answered ${response.status} to ${method} ${path}`);
    return response.json();
  };
  const body = comment(evaluation);
  for (let page = 1; ; page++) {
    const comments = await ask('GET', `issues/${PULL_REQUEST}/comments?per_page=100&page=${page}`);
    const ours = comments.find((one) => one.body?.startsWith(marker(evaluation.prompt)));
    if (ours) return ask('PATCH', `issues/comments/${ours.id}`, { body });
    if (comments.length < 100) return ask('POST', `issues/${PULL_REQUEST}/comments`, { body });
  }
}

if (process.argv[2]) await publish(JSON.parse(readFileSync(process.argv[2], 'utf8')));

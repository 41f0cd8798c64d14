import type { Evaluation } from './evaluate-once';
import { reasonsText } from './evaluation-text';

/**
 * A run for what shows test results in pipelines: a test for each case, and one for each metric that is compared.
 *
 * @see https://github.com/testmoapp/junitxml
 */
export function junit({ run, outcome }: Evaluation): string {
  const cases = outcome.cases.map((one) => {
    const message = one.candidate ? undefined : reasonsText(one) || 'does not pass';
    return test(one.id, `${run.prompt}.cases`, message);
  });
  const metrics = outcome.metrics.flatMap(({ name, verdict }) => {
    if (!verdict) return [];
    const { difference, low, high } = verdict;
    const said = `${verdict.verdict}: ${points(difference)} points, 95 % ${points(low)} … ${points(high)}`;
    return [test(name, `${run.prompt}.metrics`, verdict.verdict === 'not worse' ? undefined : said)];
  });
  const all = [...metrics, ...cases];
  const failures = all.filter((one) => one.includes('<failure')).length;
  const suite = `name=${quoted(run.prompt)} tests="${all.length}" failures="${failures}" timestamp=${quoted(run.time)}`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n<testsuite ${suite}>\n${all.join('\n')}\n</testsuite>\n</testsuites>\n`;
}

function test(name: string, group: string, failure: string | undefined): string {
  const head = `<testcase name=${quoted(name)} classname=${quoted(group)}`;
  return failure === undefined ? `${head}/>` : `${head}><failure message=${quoted(failure)}/></testcase>`;
}

function points(share: number): string {
  return (share * 100).toFixed(1);
}

/** XML 1.0 has no control characters, not even escaped ones: https://www.w3.org/TR/xml/#charsets */
function quoted(text: string): string {
  const shown = text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd');
  return `"${shown.replace(/[&<>"'\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`)}"`;
}

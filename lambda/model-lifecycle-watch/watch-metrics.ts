import { WATCH_METRICS } from '../../core/contract/model-lifecycle-watch';
import { PROMPT_METRICS } from '../../core/contract/prompt-metrics';
import type { JudgedVersion } from './judged-version';

/**
 * The metrics of a run, in CloudWatch's embedded format. Where no end is known there is no figure, rather than a wrong one.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function watchMetrics(
  registry: string,
  versions: readonly JudgedVersion[],
  unread: number,
  now: number,
): object[] {
  const line = ({ name, dimensions }: (typeof WATCH_METRICS)[keyof typeof WATCH_METRICS], fields: object) => ({
    _aws: {
      Timestamp: now,
      CloudWatchMetrics: [
        { Namespace: PROMPT_METRICS.namespace, Dimensions: dimensions, Metrics: [{ Name: name, Unit: 'None' }] },
      ],
    },
    Registry: registry,
    ...fields,
  });
  // Two versions of an alias on one model are one figure.
  const figures = new Map(
    versions.flatMap((version) => {
      const { prompt, alias, model, days } = version;
      return days === null ? [] : [[JSON.stringify([prompt, alias, model]), version] as const];
    }),
  );
  return [
    ...[...figures.values()].map(({ prompt, alias, model, days }) =>
      line(WATCH_METRICS.days, { Prompt: prompt, Alias: alias, Model: model, [WATCH_METRICS.days.name]: days }),
    ),
    line(WATCH_METRICS.unread, { [WATCH_METRICS.unread.name]: unread }),
  ];
}

/** A series in a page of CloudWatch's answer, or what a page adds to it. */
export interface AnsweredSeries {
  readonly Id?: string | undefined;
  readonly Label?: string | undefined;
  readonly StatusCode?: string | undefined;
}

/** What a page says of the answer as a whole. */
export interface AnswerMessage {
  readonly Code?: string | undefined;
  readonly Value?: string | undefined;
}

/** The code of a message: of more than 500 metrics CloudWatch leaves out what is too much, each of the others is `Complete`. */
const TOO_MANY = 'MaxMetricsExceeded';

/**
 * What CloudWatch said last of each series, page by page. What was not read is not nothing: a series is whole once it is
 * `Complete`. `PartialData` of one page is not the end of it, nor is `InternalError`: the next page goes on. Without a next
 * page either is, and so is `Forbidden`. A message on the answer as a whole says that something is missing which has no series.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html#API_GetMetricData_ResponseElements
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataResult.html
 */
export class SeriesStatuses {
  readonly #last = new Map<string, string>();

  readonly #messages: AnswerMessage[] = [];

  addMessages(messages: readonly AnswerMessage[] = []): void {
    this.#messages.push(...messages);
  }

  /** A search gives one id to several series, whose labels differ. */
  add({ Id = '', Label = '', StatusCode = 'no status' }: AnsweredSeries, isOfSearch = false): void {
    this.#last.set(isOfSearch ? `${Id} ${Label}` : Id, StatusCode);
  }

  /** After the last page: what CloudWatch said of an answer, or a series, that is not whole; undefined where all are. */
  get missing(): string | undefined {
    const [message] = this.#messages;
    if (message !== undefined) return [message.Code, message.Value].filter(Boolean).join(': ');
    return [...this.#last.values()].find((status) => status !== 'Complete');
  }

  /** Whether more metrics were found than one answer may have. */
  get areTooMany(): boolean {
    return this.#messages.some(({ Code }) => Code === TOO_MANY);
  }
}

/** A series in a page of CloudWatch's answer, or what a page adds to it. */
export interface AnsweredSeries {
  readonly Id?: string | undefined;
  readonly Label?: string | undefined;
  readonly StatusCode?: string | undefined;
}

/**
 * What CloudWatch said last of each series, page by page. What was not read is not nothing: a series is whole once it is
 * `Complete`. `PartialData` of one page is not the end of it, nor is `InternalError`: the next page goes on. Without a next
 * page either is, and so is `Forbidden`.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataResult.html
 */
export class SeriesStatuses {
  readonly #last = new Map<string, string>();

  /** A search gives one id to several series, whose labels differ. */
  add({ Id = '', Label = '', StatusCode = 'no status' }: AnsweredSeries, isOfSearch = false): void {
    this.#last.set(isOfSearch ? `${Id} ${Label}` : Id, StatusCode);
  }

  /** After the last page: what CloudWatch said of a series that is not whole; undefined where all are. */
  get missing(): string | undefined {
    return [...this.#last.values()].find((status) => status !== 'Complete');
  }
}

import { AwsError } from './aws-error';

/** How often each operation was called within the last second, Region by Region. */
export class RateLimit {
  private readonly recent = new Map<string, number[]>();

  constructor(private readonly perSecond: Record<string, number>) {}

  /** Throws ThrottlingException. */
  take(operation: string, region: string, time: Date): void {
    const limit = this.perSecond[operation];
    if (limit === undefined) {
      return;
    }
    const key = `${region}/${operation}`;
    const within = (this.recent.get(key) ?? []).filter((at) => at > time.getTime() - 1000);
    if (within.length >= limit) {
      this.recent.set(key, within);
      throw new AwsError(
        'ThrottlingException',
        429,
        'Your request rate is too high. Reduce the frequency of requests.',
      );
    }
    this.recent.set(key, [...within, time.getTime()]);
  }
}

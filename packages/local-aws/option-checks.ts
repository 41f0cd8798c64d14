/** What of an endpoint's options a person types. */
export interface TypedOptions {
  readonly port?: number;
  readonly account?: string;
  readonly region?: string;
}

/** Of the partition `aws`, the only one whose ARNs are made here. */
const REGION = /^(?!cn-|us-gov-|us-iso)[a-z]{2}(-[a-z]+)+-\d+$/;

/** Refuses what no endpoint could start with. @throws Error */
export function checkOptions({ port, account, region }: TypedOptions): void {
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw new Error(`expected port to be a whole number from 0 (a free one) to 65535, found ${port}`);
  }
  if (account !== undefined && !/^\d{12}$/.test(account)) {
    throw new Error(`expected account to be 12 digits, found '${account}'`);
  }
  if (region !== undefined && !REGION.test(region)) {
    throw new Error(`expected region to be one of the partition aws, such as us-east-1, found '${region}'`);
  }
}

/** Says why a port cannot be had. */
export function portRefused(port: number, error: NodeJS.ErrnoException): Error {
  if (error.code === 'EADDRINUSE') {
    return new Error(
      `expected port ${port} to be free, found another process listening on it: choose another port, or none for a free one`,
    );
  }
  if (error.code === 'EACCES') {
    return new Error(`expected port ${port} to be open to you, found it reserved: choose one above 1023`);
  }
  return error;
}

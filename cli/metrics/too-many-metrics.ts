import { CliError } from '../cli-error';

/** CloudWatch has more metrics to answer with than it gives at once: what it left out is not known. */
export class TooManyMetrics extends CliError {}

/** CloudTrail's times are whole seconds, and clocks differ. */
export const CLOCKS_MS = 60_000;

/** An operation may take long before it gets to an alias; a day is more than CloudFormation gives a custom resource. */
export const DAY_MS = 24 * 3_600_000;

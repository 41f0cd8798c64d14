/** Matches a version's ARN, and nothing else: not that of the draft, which has no number. */
export const VERSION_ARN = /^arn:.+:prompt\/\w+:[1-9]\d*$/;

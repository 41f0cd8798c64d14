/** One structured line. Fields are chosen by the caller: never an event, never properties, never prompt text. */
export type Log = (
  level: 'INFO' | 'WARN' | 'ERROR',
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;

/** Writes each line as JSON to standard output, where Lambda takes it to CloudWatch Logs. */
export const jsonLog: Log = (level, message, fields = {}) => {
  process.stdout.write(`${JSON.stringify({ level, message, ...fields })}\n`);
};

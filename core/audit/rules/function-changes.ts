import type { AuditedTrail, AuditRule } from '../audit-rule';
import { isStackExecution } from '../parameter-events';
import { actorName, text } from '../trail-event';

/** https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html */
export const FUNCTION_EVENTS: Readonly<Record<string, string>> = {
  UpdateFunctionCode20150331v2: 'had its code changed',
  UpdateFunctionConfiguration20150331v2: 'had its configuration changed',
  AddPermission20150331v2: 'was opened to another caller',
  DeleteFunction20150331: 'was deleted',
  PutFunctionConcurrency20171031: 'had its concurrency changed',
  DeleteFunctionConcurrency20171031: 'had its concurrency changed',
  PutFunctionEventInvokeConfig: 'had its retries or destinations changed',
  UpdateFunctionEventInvokeConfig: 'had its retries or destinations changed',
  DeleteFunctionEventInvokeConfig: 'had its retries and destinations deleted',
  CreateEventSourceMapping20150331: 'was given a source of events',
  UpdateEventSourceMapping20150331: 'had a source of events changed',
  DeleteEventSourceMapping20150331: 'had a source of events taken away',
  RemovePermission20150331v2: 'was closed to a caller',
  CreateFunctionUrlConfig: 'was given a URL',
  UpdateFunctionUrlConfig: 'had its URL opened or closed',
};

/** After these somebody may have worked with the function's rights. */
const AS_THE_REGISTRY = /^(UpdateFunctionC|AddPermission|(Create|Update)EventSourceMapping|(Create|Update)FunctionUrl)/;

/** The registry's functions: a person who changes the code of one has the rights of its role for as long. */
export const functionChanges: AuditRule<AuditedTrail, 'FunctionChanged'> = {
  name: 'function-changes',
  reads: "CloudTrail's calls that change a function",
  finds: { FunctionChanged: "a function of the registry was changed by hand: its role's rights may have been used" },
  run({ evidence, trail }, report) {
    for (const event of trail.events) {
      const what = FUNCTION_EVENTS[event.name];
      if (what === undefined || event.errorCode !== null || isStackExecution(event, evidence.stacks)) continue;
      // A name, a whole ARN or a part of one: https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html
      const parts = (text(event.request.functionName) ?? text(event.response.functionArn) ?? '').split(':');
      const name = evidence.functions?.find((one) => parts.includes(one));
      if (name === undefined) continue;
      report(
        'FunctionChanged',
        `function ${name}`,
        `${what} at ${event.time} by ${actorName(event.identity)}, not by the stack: ${
          AS_THE_REGISTRY.test(event.name)
            ? 'who did may have published or recorded as the registry since'
            : 'releases may fail, or be tried less often, since'
        }`,
        { events: [event.id] },
      );
    }
  },
};

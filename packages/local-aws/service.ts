import type { Authorization, Call } from './call';
import type { WireProtocol } from './wire/wire-protocol';

/** One AWS service: how it speaks, which operations exist, and those that are implemented here. */
export interface Service {
  /** `bedrock-agent` */
  readonly name: string;
  /** Name in the signature's scope; several services may share one (`bedrock`). */
  readonly signingName: string;
  /** The SDK client's module: every operation of it that `operations` lacks answers 501 by name. */
  readonly client: object;
  readonly protocol: WireProtocol;
  readonly operations: Record<string, Operation>;
}

export interface Operation {
  /** What IAM is asked before `run`. Empty only for operations that need no permission (`sts:GetCallerIdentity`). */
  authorize(input: never, call: Call): Authorization[];
  run(input: never, call: Call): Promise<object> | object;
}

/** Gives an operation its types: `operation<GetPromptCommandInput, GetPromptCommandOutput>({ … })`. */
export function operation<Input, Output>(definition: {
  authorize(input: Input, call: Call): Authorization[];
  run(input: Input, call: Call): Promise<Answer<Output>> | Answer<Output>;
}): Operation {
  return definition as Operation;
}

type Answer<Output> = Omit<Output, '$metadata'>;

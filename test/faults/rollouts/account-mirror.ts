import type { Interceptor } from '../../../packages/local-aws/server';

/** What callers, readers and auditors would find, as of the last call that AWS answered: kept from the calls that wrote it. */
export class AccountMirror {
  /** Bodies of the ledger's bucket, by key. */
  readonly objects = new Map<string, string>();
  readonly parameters = new Map<string, string>();
  /** What policies allow to get, by name. */
  private readonly policies = new Map<string, readonly string[]>();

  /** @param changed after each call that changed something of it */
  constructor(private readonly changed: (what: string) => void) {}

  get versionsInPolicy(): readonly string[] | undefined {
    return [...this.policies].find(([name]) => name.includes('PROD'))?.[1];
  }

  readonly interceptor: Interceptor = async ({ operation, input }): Promise<(() => void) | undefined> => {
    const write = this.write(operation, input);
    if (!write) return undefined;
    return () => {
      write();
      this.changed(`${operation} ${input.Key ?? input.Name ?? input.PolicyName ?? input.PolicyArn}`);
    };
  };

  private write(operation: string, input: Record<string, unknown>): (() => void) | undefined {
    const { Key = '', Name = '', Value = '', PolicyDocument = '' } = input as Record<string, string>;
    const policy = String(input.PolicyName ?? input.PolicyArn ?? '')
      .split('/')
      .pop() as string;
    switch (operation) {
      case 'PutObject': {
        const body = Buffer.from((input.Body as Uint8Array | undefined) ?? []).toString();
        return () => void this.objects.set(Key, body);
      }
      case 'PutParameter':
        return () => void this.parameters.set(Name, Value);
      case 'DeleteParameter':
        return () => void this.parameters.delete(Name);
      case 'CreatePolicy':
      case 'CreatePolicyVersion':
        return () => void this.policies.set(policy, gettable(PolicyDocument));
      case 'DeletePolicy':
        return () => void this.policies.delete(policy);
      default:
        return undefined;
    }
  }
}

function gettable(document: string): readonly string[] {
  const { Statement } = JSON.parse(document) as {
    Statement: { Action: string | string[]; Resource: string | string[] }[];
  };
  const get = Statement.find(({ Action }) => [Action].flat().includes('bedrock:GetPrompt'));
  return [get?.Resource ?? []].flat();
}

import { GetParametersByPathCommand, PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import type { Parameters } from './rolling-aliases';

export class SsmParameters implements Parameters {
  constructor(private readonly client: SSMClient) {}

  async below(path: string): Promise<ReadonlyMap<string, string>> {
    const values = new Map<string, string>();
    let NextToken: string | undefined;
    do {
      const found = await this.client.send(new GetParametersByPathCommand({ Path: path, Recursive: true, NextToken }));
      for (const { Name = '', Value = '' } of found.Parameters ?? []) values.set(Name, Value);
      NextToken = found.NextToken;
    } while (NextToken !== undefined);
    return values;
  }

  /**
   * Without a type SSM makes no parameter: one that a stack just deleted stays deleted, and its name free.
   * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
   */
  async overwrite(name: string, value: string): Promise<void> {
    await this.client.send(new PutParameterCommand({ Name: name, Value: value, Overwrite: true }));
  }
}

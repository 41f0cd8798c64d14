import type { Node } from 'constructs';

/** An entry of `environments` in cdk.json. */
export interface Environment {
  readonly name: string;
  /** What the names of all alias parameters begin with. */
  readonly parameterPrefix: string;
  /** Keeps environments of one account apart in Bedrock. @default - nothing */
  readonly bedrockNamePrefix?: string;
  /** What the application runs: `STAGING` follows the files, `PROD` moves when you release. */
  readonly alias: 'STAGING' | 'PROD';
}

/** The one that `-c env=…` names, else dev. */
export function environmentOf({ node }: { readonly node: Node }): Environment {
  const name: string = node.tryGetContext('env') ?? 'dev';
  const environments: Record<string, Omit<Environment, 'name'>> = node.tryGetContext('environments');
  const found = environments[name];
  if (found === undefined) {
    throw new Error(`expected -c env=… to be one of ${Object.keys(environments).join(', ')}, found ${name}`);
  }
  return { name, ...found };
}

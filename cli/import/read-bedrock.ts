import { type BedrockAgentClient, GetPromptCommand, paginateListPrompts } from '@aws-sdk/client-bedrock-agent';
import { withPlainNumbers } from '../../core/content/plain-numbers';
import type { PromptVariantContent } from '../../core/content/prompt-content';
import { CliError } from '../cli-error';
import { type BedrockRow, bedrockVersion, draftLoss } from './bedrock-version';
import { nameGlob } from './name-glob';
import type { SourceVersion } from './source-version';

export interface BedrockWanted {
  /** Names, with `*` and `?`. */
  readonly glob: string;
  readonly isEveryVersion: boolean;
  readonly model: string | undefined;
}

/** The versions that are wanted of an account's prompts; of a prompt without versions there are none. @throws CliError */
export async function readBedrock(
  client: BedrockAgentClient,
  { glob, isEveryVersion, model }: BedrockWanted,
  say: (doing: string) => void,
): Promise<SourceVersion[]> {
  const isMeant = nameGlob(glob);
  const listed = await prompts(client);
  const meant = listed.filter(({ name }) => isMeant(name));
  if (meant.length === 0) {
    const names = listed.map(({ name }) => name).join(', ');
    throw new CliError({ what: `no prompt is called ${glob}`, fix: names ? `there are ${names}` : 'there is none' });
  }
  const found: SourceVersion[] = [];
  for (const { id, name } of meant) {
    say(`reading ${name}`);
    const isAlone = meant.filter((other) => other.name === name).length === 1;
    const called = isAlone ? name : `${name}-${id}`;
    const numbers = await versions(client, id);
    const rows = await Promise.all(
      (isEveryVersion ? numbers : numbers.slice(-1)).map((one) => row(client, id, called, one)),
    );
    const read = rows.map((one) => bedrockVersion(one, model));
    const newest = read.at(-1);
    const draft = await row(client, id, called, undefined);
    // A draft that was never published has no number and no place in a history.
    if (!newest)
      found.push({
        ...bedrockVersion(draft, model),
        trailers: [
          ['Bedrock-Prompt', called],
          ['Bedrock-Version', '0'],
        ],
      });
    else {
      const loss = draftLoss(draft, bedrockVersion(rows.at(-1) as BedrockRow, undefined));
      found.push(...read.slice(0, -1), loss ? { ...newest, losses: [...newest.losses, loss] } : newest);
    }
  }
  return found;
}

async function prompts(client: BedrockAgentClient): Promise<{ id: string; name: string }[]> {
  const found: { id: string; name: string }[] = [];
  for await (const { promptSummaries = [] } of paginateListPrompts({ client }, {})) {
    found.push(...promptSummaries.map(({ id = '', name = '' }) => ({ id, name })));
  }
  return found;
}

/** Oldest first. */
async function versions(client: BedrockAgentClient, promptIdentifier: string): Promise<number[]> {
  const found: number[] = [];
  for await (const { promptSummaries = [] } of paginateListPrompts({ client }, { promptIdentifier })) {
    found.push(...promptSummaries.flatMap(({ version }) => (version === 'DRAFT' ? [] : Number(version))));
  }
  return found.sort((a, b) => a - b);
}

async function row(
  client: BedrockAgentClient,
  promptIdentifier: string,
  name: string,
  version: number | undefined,
): Promise<BedrockRow> {
  const promptVersion = version === undefined ? undefined : String(version);
  const found = await client.send(new GetPromptCommand({ promptIdentifier, promptVersion }));
  return {
    name,
    arn: found.arn ?? '',
    version: version ?? 0,
    description: found.description ?? '',
    time: (version === undefined ? found.updatedAt : found.createdAt)?.toISOString() ?? '',
    variants: (found.variants ?? []).map((variant) => withPlainNumbers(variant) as PromptVariantContent),
    defaultVariant: found.defaultVariant,
    keyArn: found.customerEncryptionKeyArn,
  };
}

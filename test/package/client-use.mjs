// The client of the installed package, against a server that answers as SSM and Bedrock do.
import { strictEqual } from 'node:assert/strict';
import { createServer } from 'node:http';

const ARN = 'arn:aws:bedrock:us-east-1:111122223333:prompt/ABCDEFGHIJ:7';
const text = { text: 'Sort {{ticket}}', inputVariables: [{ name: 'ticket' }] };
const variants = [{ name: 'default', templateType: 'TEXT', templateConfiguration: { text } }];

export async function use({ PromptClient, RegistryError }, how) {
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      if (!request.headers['x-amz-target']) return response.end(JSON.stringify({ variants }));
      const { Names } = JSON.parse(Buffer.concat(chunks));
      const Parameters = Names.filter((name) => name.endsWith('/sorter/PROD')).map((Name) => ({ Name, Value: ARN }));
      const InvalidParameters = Names.filter((name) => !name.endsWith('/sorter/PROD'));
      response.end(JSON.stringify({ Parameters, InvalidParameters }));
    });
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${server.address().port}`,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
    PROMPT_REGISTRY_PREFIX: '/prompts/prod',
    PROMPT_REGISTRY_ALIAS: 'PROD',
  });
  try {
    const prompts = PromptClient.fromEnvironment({ logger: false, metrics: false });
    const prompt = await prompts.get('sorter');
    strictEqual(prompt.version, 7);
    strictEqual(prompt.converse({ ticket: 'no light' }).modelId, ARN);
    strictEqual(await prompt.compile({ ticket: 'no light' }), 'Sort no light');
    const answer = { usage: { inputTokens: 1 } };
    strictEqual(await prompts.run('sorter', { ticket: 'no light' }, async () => answer), answer);
    const error = await prompts.get('nobody').catch((caught) => caught);
    strictEqual(error instanceof RegistryError && error.code, 'AliasNotFound');
    console.log(`the client works from ${how}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** The same where the SDK is not installed: a typed error that says what to install. */
export async function useWithoutSdk({ PromptClient, RegistryError }, how) {
  const prompts = new PromptClient({ parameterPrefix: '/prompts/prod', alias: 'PROD', logger: false, metrics: false });
  const error = await prompts.run('sorter', {}, async () => 'called').catch((caught) => caught);
  strictEqual(error instanceof RegistryError && error.code, 'MissingSdk', String(error));
  console.log(`the client says what is missing from ${how}`);
}

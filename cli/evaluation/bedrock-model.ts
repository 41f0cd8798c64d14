import { BedrockRuntimeClient, ConverseCommand, type ConverseCommandInput } from '@aws-sdk/client-bedrock-runtime';
import type { ConverseModel } from '../../core/evaluation/converse-model';
import type { AwsClients } from '../aws-clients';

/** A model that thinks for longer answers nobody any more. */
const LONGEST_ANSWER_MS = 5 * 60_000;

/** Models of Bedrock, as whoever runs the command. An answer that was asked for is waited for, as it is paid for. */
export function bedrockModel({ bedrock }: AwsClients): ConverseModel {
  const { region, credentials } = bedrock.config;
  // The runner waits and tries again, for all questions together.
  const client = new BedrockRuntimeClient({
    region,
    credentials,
    maxAttempts: 1,
    requestHandler: { requestTimeout: LONGEST_ANSWER_MS, throwOnRequestTimeout: true },
  });
  return (request) => client.send(new ConverseCommand(request as ConverseCommandInput));
}

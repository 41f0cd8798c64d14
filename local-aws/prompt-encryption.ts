import type { Authorization, Call } from './call';
import type { PromptSnapshot } from './prompt-store';

/**
 * A prompt with a key of its own is read and rendered with the caller's right to the key, under Bedrock's encryption
 * context. Keys are not kept here: each has the default key policy, which leaves the decision to IAM.
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-management-prereq.html
 */
export async function requireKey(
  action: 'kms:Decrypt' | 'kms:GenerateDataKey',
  prompt: Pick<PromptSnapshot, 'customerEncryptionKeyArn' | 'arn'>,
  call: Call,
): Promise<void> {
  const { customerEncryptionKeyArn: resource, arn } = prompt;
  if (!resource) {
    return;
  }
  const promptArn = arn.replace(/:[0-9]+$/, '');
  const authorization: Authorization = {
    action,
    resource,
    context: {
      'kms:EncryptionContext:aws:bedrock-prompts:arn': promptArn,
      'kms:ViaService': `bedrock.${call.region}.amazonaws.com`,
    },
    resourcePolicy: {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${call.account}:root` }, Action: 'kms:*', Resource: '*' },
      ],
    },
  };
  await call.require(authorization);
}

/** What the client needs of an AWS SDK v3 client. Any `SSMClient` or `BedrockAgentClient` fits. */
export interface SdkClient {
  send(command: object, options?: { abortSignal?: AbortSignal }): Promise<unknown>;
}

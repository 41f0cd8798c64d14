/* Written by `prompt-registry types` from the prompt files; do not edit. */
export interface Prompts {
  greeting: { type: 'TEXT'; variables: { name: string } };
  support: { type: 'CHAT'; variables: { question: string } };
}

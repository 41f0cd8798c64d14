import { usageError } from '../cli-error';
import type { Command } from '../command';
import { ExitCode } from '../exit-code';

export const completion: Command = {
  name: 'completion',
  summary: 'prints a script that completes commands, options and names in your shell',
  positionals: ['bash|zsh|fish'],
  options: {},
  details: [
    'bash: add to ~/.bashrc: source <(prompt-registry completion bash). zsh: add to ~/.zshrc: source <(prompt-registry ' +
      'completion zsh). fish: prompt-registry completion fish > ~/.config/fish/completions/prompt-registry.fish',
    'Names of prompts, aliases and stacks come from CloudFormation and are kept for the next time in ~/.cache/prompt-registry ' +
      '(or XDG_CACHE_HOME). Nothing is completed where AWS does not answer at once, or there are no credentials.',
  ],
  examples: ['completion bash', 'completion zsh', 'completion fish'],
  run: async ({ terminal, commands, positionals: [shell = ''] }) => {
    const { completionScript } = await import('../completion/completion-script');
    const script = completionScript(shell, commands);
    if (script === undefined) throw usageError(`no completion for ${shell}`, 'shells: bash, zsh, fish');
    terminal.file(script);
    return ExitCode.Done;
  },
};

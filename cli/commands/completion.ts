import { usageError } from '../cli-error';
import type { Command } from '../command';
import { ExitCode } from '../exit-code';

export const completion: Command = {
  name: 'completion',
  summary: 'prints a script that completes commands and options in your shell',
  positionals: ['bash|zsh|fish'],
  options: {},
  details: [
    'bash: add to ~/.bashrc: source <(prompt-registry completion bash). zsh: add to ~/.zshrc: source <(prompt-registry ' +
      'completion zsh). fish: prompt-registry completion fish > ~/.config/fish/completions/prompt-registry.fish',
  ],
  examples: ['completion bash', 'completion zsh', 'completion fish'],
  run: async ({ terminal, commands, positionals: [shell = ''] }) => {
    const { completionScript } = await import('../completion-script');
    const script = completionScript(shell, commands);
    if (script === undefined) throw usageError(`no completion for ${shell}`, 'shells: bash, zsh, fish');
    terminal.file(script);
    return ExitCode.Done;
  },
};

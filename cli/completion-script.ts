import type { Command } from './command';

/** A script for a shell; undefined for a shell that is not known. */
export function completionScript(shell: string, commands: readonly Command[]): string | undefined {
  if (shell === 'bash') return bash(commands);
  if (shell === 'zsh') return zsh(commands);
  if (shell === 'fish') return fish(commands);
  return undefined;
}

function names(commands: readonly Command[]): string {
  return [...commands.map(({ name }) => name), 'help'].join(' ');
}

function flags({ options, subcommands = [] }: Command): string {
  const words = subcommands.map(lastWord);
  return [...words, ...Object.keys(options).map((name) => `--${name}`), '--help'].join(' ');
}

/** `audit log` → `log` */
function lastWord({ name }: Command): string {
  return name.slice(name.lastIndexOf(' ') + 1);
}

function below(commands: readonly Command[]): Command[] {
  return commands.flatMap(({ subcommands = [] }) => subcommands);
}

function bash(commands: readonly Command[]): string {
  return `# bash completion of prompt-registry
_prompt_registry() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${names(commands)}"
  else
    local command="\${COMP_WORDS[1]}"
    case " ${below(commands)
      .map(({ name }) => name.replace(' ', '_'))
      .join(' ')} " in
      *" \${COMP_WORDS[1]}_\${COMP_WORDS[2]} "*) [ "$COMP_CWORD" -gt 2 ] && command="\${COMP_WORDS[1]} \${COMP_WORDS[2]}" ;;
    esac
    case "$command" in
      help) words="${names(commands)}" ;;
      completion) words="bash zsh fish" ;;
${below(commands)
  .map((command) => `      "${command.name}") words="${flags(command)}" ;;`)
  .join('\n')}
${commands
  .map((command) => `      ${command.name}) words="${flags(command)}" ;;`)
  .join('\n')
  .replace(/^ {6}completion\).*\n?/m, '')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  case "\${COMP_WORDS[COMP_CWORD-1]}" in
    --html|--out|-o) COMPREPLY=($(compgen -f -- "$current")) ;;
  esac
}
complete -F _prompt_registry prompt-registry`;
}

function zsh(commands: readonly Command[]): string {
  const described = commands.map(({ name, summary }) => `    '${name}:${quoted(summary)}'`).join('\n');
  const cases = [...below(commands), ...commands.filter(({ subcommands }) => !subcommands)].map(
    ({ name, options }) =>
      `    ${name.includes(' ') ? `"${name}"` : name}) _arguments ${Object.entries(options)
        .map(
          ([option, { description, value }]) =>
            `'--${option}[${quoted(description)}]${value ? `:${value}:${value === 'FILE' ? '_files' : ''}` : ''}'`,
        )
        .join(' ')} '*:: :' ;;`,
  );
  return `#compdef prompt-registry
_prompt_registry() {
  local -a commands=(
${described}
    'help:help on a command'
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command="$words[2]"
  case "$command" in
${commands
  .filter(({ subcommands }) => subcommands)
  .map(
    ({ name, subcommands = [] }) =>
      `    ${name})\n      if (( CURRENT == 3 )); then\n        _values command ${subcommands.map(lastWord).join(' ')}\n        return\n      fi\n      command="$words[2] $words[3]" ;;`,
  )
  .join('\n')}
  esac
  case "$command" in
    completion) _values shell bash zsh fish ;;
    help) _describe command commands ;;
${cases.filter((line) => !line.startsWith('    completion)')).join('\n')}
  esac
}
compdef _prompt_registry prompt-registry`;
}

function fish(commands: readonly Command[]): string {
  const lines = [...commands, ...below(commands)].flatMap(({ name, summary, options }) => [
    name.includes(' ')
      ? `complete -c prompt-registry -f -n '__fish_seen_subcommand_from ${name.slice(0, name.indexOf(' '))}' -a ${name.slice(name.indexOf(' ') + 1)} -d '${quoted(summary)}'`
      : `complete -c prompt-registry -f -n __fish_use_subcommand -a ${name} -d '${quoted(summary)}'`,
    ...Object.entries(options).map(
      ([option, { description, value, short }]) =>
        `complete -c prompt-registry -n '__fish_seen_subcommand_from ${name.slice(name.indexOf(' ') + 1)}' -l ${option}${short ? ` -s ${short}` : ''}${value ? ' -r' : ''} -d '${quoted(description)}'`,
    ),
  ]);
  return [
    '# fish completion of prompt-registry',
    ...lines,
    "complete -c prompt-registry -f -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'",
  ].join('\n');
}

/** Inside single quotes, and inside the brackets of zsh. */
function quoted(text: string): string {
  return text.replace(/['’]/g, '').replace(/[[\]:]/g, ' ');
}

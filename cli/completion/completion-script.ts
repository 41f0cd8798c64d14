import type { Command } from '../command';
import { COMPLETE } from './shell-words';

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

/** Commands that take a name of the registry: those that look at one. */
function takeNames(commands: readonly Command[]): Command[] {
  return [...commands.filter(({ subcommands }) => !subcommands), ...below(commands)].filter(
    ({ options }) => 'stack' in options,
  );
}

/** Whether an option's value is a name of the registry. */
function takesName(option: string, value: string | undefined): boolean {
  return option === 'stack' || value === 'ALIAS' || value === 'VERSION';
}

function below(commands: readonly Command[]): Command[] {
  return commands.flatMap(({ subcommands = [] }) => subcommands);
}

function bash(commands: readonly Command[]): string {
  return `# bash completion of prompt-registry
_prompt_registry() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words="" command=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${names(commands)}"
  else
    command="\${COMP_WORDS[1]}"
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
    --html|--out|-o) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  case "$command" in
    ${takeNames(commands)
      .map(({ name }) => `"${name}"`)
      .join('|')}) _prompt_registry_names ;;
  esac
}
# What the registry knows. Bash puts an answer in the place of what stands behind the last =, or from the last @ on.
_prompt_registry_names() {
  local typed=() line="\${COMP_LINE:0:COMP_POINT}" name
  read -ra typed <<< "$line"
  [[ "$line" == *[[:space:]] ]] && typed+=("")
  local last="\${typed[\${#typed[@]}-1]}" head="" lead=""
  [[ "$last" == -* && "$last" != *=* ]] && return
  [[ "$COMP_WORDBREAKS" != *=* && "$last" == --*=* ]] && lead="\${last%%=*}="
  [[ "$COMP_WORDBREAKS" == *@* && "$last" == *@* ]] && head="\${last%@*}"
  local names=()
  while IFS= read -r name; do names+=("$lead\${name#"$head"}"); done < <(prompt-registry ${COMPLETE} "\${typed[@]:1}" 2>/dev/null)
  [ "\${#names[@]}" -gt 0 ] && COMPREPLY=("\${names[@]}")
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
            `'--${option}[${quoted(description)}]${value ? `:${value}:${zshValue(option, value)}` : ''}'`,
        )
        .join(' ')} '*:name:${'stack' in options ? '_prompt_registry_names' : ''}' ;;`,
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
# What the registry knows.
_prompt_registry_names() {
  local -a names=("\${(@f)$(prompt-registry ${COMPLETE} "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compset -P '--*='
  compadd -a names
}
compdef _prompt_registry prompt-registry`;
}

function zshValue(option: string, value: string): string {
  if (takesName(option, value)) return '_prompt_registry_names';
  return value === 'FILE' ? '_files' : '';
}

function fish(commands: readonly Command[]): string {
  const lines = [...commands, ...below(commands)].flatMap(({ name, summary, options }) => [
    name.includes(' ')
      ? `complete -c prompt-registry -f -n '__fish_seen_subcommand_from ${name.slice(0, name.indexOf(' '))}' -a ${name.slice(name.indexOf(' ') + 1)} -d '${quoted(summary)}'`
      : `complete -c prompt-registry -f -n __fish_use_subcommand -a ${name} -d '${quoted(summary)}'`,
    ...Object.entries(options).map(
      ([option, { description, value, short }]) =>
        `complete -c prompt-registry -n '__fish_seen_subcommand_from ${name.slice(name.indexOf(' ') + 1)}' -l ${option}${short ? ` -s ${short}` : ''}${value ? ' -r' : ''}${takesName(option, value) ? ' -f -a "(__prompt_registry_names)"' : ''} -d '${quoted(description)}'`,
    ),
  ]);
  return [
    '# fish completion of prompt-registry',
    ...lines,
    "complete -c prompt-registry -f -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'",
    '# What the registry knows.',
    'function __prompt_registry_names',
    '  set -l typed (commandline -opc)',
    `  command prompt-registry ${COMPLETE} $typed[2..-1] (commandline -ct) 2>/dev/null`,
    'end',
    `complete -c prompt-registry -f -n '__fish_seen_subcommand_from ${takeNames(commands)
      .map(({ name }) => name.slice(name.indexOf(' ') + 1))
      .join(' ')}' -a '(__prompt_registry_names)'`,
  ].join('\n');
}

/** Inside single quotes, and inside the brackets of zsh. */
function quoted(text: string): string {
  return text.replace(/['’]/g, '').replace(/[[\]:]/g, ' ');
}

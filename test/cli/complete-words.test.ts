import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../cli/commands';
import { completions, typedLine } from '../../cli/completion/complete-words';
import type { RegistryNames } from '../../cli/completion/registry-names';

const REGISTRIES: readonly RegistryNames[] = [
  { stack: 'Prompts-prod', prompts: { advisor: ['PROD', 'STAGING'], sorter: ['PROD'] } },
  { stack: 'Prompts-test', prompts: { advisor: ['TEST'], 'sorter-2': ['PROD'] } },
];

function complete(line: string): readonly string[] {
  const typed = typedLine(COMMANDS, line.split(' '));
  return typed === undefined ? [] : completions(typed, REGISTRIES);
}

describe('Names where somebody types', () => {
  it.each([
    ['promote ', ['advisor', 'sorter', 'sorter-2']],
    ['promote so', ['sorter', 'sorter-2']],
    ['promote advisor ', ['PROD', 'STAGING', 'TEST']],
    ['promote advisor P', ['PROD']],
    ['promote --stack Prompts-test advisor ', ['TEST']],
    ['promote advisor --stack=Prompts-test ', ['TEST']],
    ['promote --yes advisor S', ['STAGING']],
    ['promote advisor PROD --to ', ['@PROD', '@STAGING', '@TEST']],
    ['promote advisor PROD --to=@S', ['@STAGING']],
    ['approve advisor PROD --to ', []],
    ['evaluate advisor --against @P', ['@PROD']],
    ['promote advisor PROD --reason ', []],
    ['promote advisor PROD --re', []],
    ['promote advisor PROD ', []],
    ['promote nobody ', []],
    ['list --stack Prompts-p', ['Prompts-prod']],
    ['snapshot --alias ', ['PROD', 'STAGING', 'TEST']],
    ['snapshot -o ', []],
    ['show adv', ['advisor']],
    ['show advisor@P', ['advisor@PROD']],
    ['comment advisor@', ['advisor@PROD', 'advisor@STAGING', 'advisor@TEST']],
    ['diff sorter @', ['@PROD']],
    ['diff sorter @PROD ', ['@PROD']],
    ['restore advisor ', ['@PROD', '@STAGING', '@TEST']],
    ['audit log ad', ['advisor']],
    ['audit ', []],
    ['history advisor ', ['PROD', 'STAGING', 'TEST']],
    ['types ', []],
    ['nonsense ', []],
    ['promote', []],
    ['', []],
    ['show constructor@', []],
    ['promote __proto__ ', []],
  ])('%j: %j', (line, expected) => {
    expect(complete(line)).toEqual(expected);
  });
});

import { Annotations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { EVERY_ALIAS, type GatesByAlias } from '../../core/release/gate';
import { appMemory } from './app-memory';

/** Names of a registry's aliases in this app so far. */
const names = appMemory('aliasNames', () => new Set<string>());

export function rememberAliasName(registry: IConstruct, aliasName: string): void {
  names(registry).add(aliasName);
}

/** A gate for `prod` is none for `PROD`: names are compared as they are. */
export function watchAliasNames(registry: IConstruct, gates: GatesByAlias): void {
  registry.node.addValidation({
    validate: () => {
      const defined = [...names(registry)];
      for (const name of Object.keys(gates)) {
        if (name === EVERY_ALIAS || defined.length === 0 || defined.includes(name)) continue;
        Annotations.of(registry).addWarningV2(
          `cdk-prompt-registry:gateOfNoAlias:${name}`,
          `gates name ${name}, and no alias of this app has that name: its aliases are ${defined.sort().join(', ')}; correct the name, or leave it for an alias of another app`,
        );
      }
      return [];
    },
  });
}

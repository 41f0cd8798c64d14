import type { ResourceDefinition } from './template';
import { validationError } from './validation-error';

/** Logical id → the logical ids it needs first; in template order. */
export type DependencyGraph = ReadonlyMap<string, ReadonlySet<string>>;

/** What each resource refers to or depends on, among `definitions`; throws on references to nothing and on circles. */
export function dependencyGraph(
  definitions: ReadonlyMap<string, ResourceDefinition>,
  otherNames: ReadonlySet<string>,
): DependencyGraph {
  const graph = new Map<string, Set<string>>();
  const unresolved = new Set<string>();
  for (const [logicalId, { Properties, DependsOn = [] }] of definitions) {
    const named = new Set([DependsOn].flat());
    collectReferences(Properties, named);
    graph.set(logicalId, new Set([...named].filter((name) => definitions.has(name))));
    for (const name of named) {
      if (!definitions.has(name) && !otherNames.has(name) && !name.startsWith('AWS::')) {
        unresolved.add(name);
      }
    }
  }
  if (unresolved.size > 0) {
    throw validationError(
      `Template format error: Unresolved resource dependencies [${[...unresolved].join(', ')}] in the Resources block of the template`,
    );
  }
  refuseCircles(graph);
  return graph;
}

/** The same resources with all arrows turned round. */
export function reversed(graph: DependencyGraph): DependencyGraph {
  const turned = new Map([...graph.keys()].reverse().map((id) => [id, new Set<string>()]));
  for (const [id, needs] of graph) {
    for (const needed of needs) {
      turned.get(needed)?.add(id);
    }
  }
  return turned;
}

/** The graph of some of its members; what was reached through others stays connected. */
export function restrictedTo(graph: DependencyGraph, members: ReadonlySet<string>): DependencyGraph {
  const reach = (id: string, found: Set<string>, seen: Set<string>) => {
    for (const needed of graph.get(id) ?? []) {
      if (!seen.has(needed)) {
        seen.add(needed);
        if (members.has(needed)) {
          found.add(needed);
        } else {
          reach(needed, found, seen);
        }
      }
    }
    return found;
  };
  return new Map([...graph.keys()].filter((id) => members.has(id)).map((id) => [id, reach(id, new Set(), new Set())]));
}

/** Adds all names that `Ref`, `Fn::GetAtt` and `Fn::Sub` use in a part of a template. */
export function collectReferences(value: unknown, found: Set<string>): void {
  if (Array.isArray(value)) {
    for (const item of value) {
      collectReferences(item, found);
    }
    return;
  }
  if (typeof value !== 'object' || value === null) {
    return;
  }
  for (const [key, argument] of Object.entries(value)) {
    collectFromMember(key, argument, found);
  }
}

function collectFromMember(key: string, argument: unknown, found: Set<string>): void {
  if (key === 'Ref' && typeof argument === 'string') {
    found.add(argument);
  } else if (key === 'Fn::GetAtt') {
    found.add(String(Array.isArray(argument) ? argument[0] : String(argument).split('.')[0]));
  } else if (key === 'Fn::Sub') {
    collectFromSub(argument, found);
  } else {
    collectReferences(argument, found);
  }
}

/** `${Name}` and `${Name.Attribute}`, but for the names that the function's own map defines. */
function collectFromSub(argument: unknown, found: Set<string>): void {
  const [template, own] = Array.isArray(argument) ? argument : [argument, {}];
  for (const [, name = ''] of String(template).matchAll(/\$\{\s*([^!}][^}]*?)\s*\}/g)) {
    if (!(name in own)) {
      found.add(name.split('.')[0] ?? '');
    }
  }
  collectReferences(own, found);
}

function refuseCircles(graph: DependencyGraph): void {
  const done = new Set<string>();
  for (let progress = true; progress; ) {
    progress = false;
    for (const [id, needs] of graph) {
      if (!done.has(id) && [...needs].every((needed) => done.has(needed))) {
        done.add(id);
        progress = true;
      }
    }
  }
  const left = [...graph.keys()].filter((id) => !done.has(id));
  if (left.length > 0) {
    throw validationError(`Circular dependency between resources: [${left.join(', ')}]`);
  }
}

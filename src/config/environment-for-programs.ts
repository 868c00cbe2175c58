/** What a program that is not ours gets to see of our environment. */
import { secretVariablesOfEdge } from "./edge-layer.ts";
import { type Environment, SECRET_VARIABLES_OF_AGENT } from "./environment.ts";

/**
 * Everything but the variables of edge and agent that are secrets or may hold one. The operator's own, which are not ours, stay: the
 * credentials of the program may be among them.
 */
export function environmentForPrograms(environment: Environment): Environment {
  const secrets = new Set([...secretVariablesOfEdge(), ...SECRET_VARIABLES_OF_AGENT]);
  // On Windows they are the same however they are written.
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !secrets.has(name.toUpperCase())));
}

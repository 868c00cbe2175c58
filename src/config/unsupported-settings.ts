/** Which settings of a tunnel ask for something that is not built yet. Shrinks as features arrive. */
import type { TunnelFields } from "./tunnel-fields.ts";

const NOT_YET = ["labels", "oauth", "oidc"] as const satisfies readonly (keyof TunnelFields)[];

/** Their names in the spelling of the file; empty when the tunnel can start. */
export function unsupportedSettings(fields: TunnelFields): readonly string[] {
  const found: string[] = NOT_YET.filter((key) => asksForSomething(fields[key]));
  for (const binding of fields.bindings ?? []) {
    if (binding !== "public" && binding !== "internal") found.push(`bindings: ${binding}`);
  }
  return found;
}

/** A setting that is off, or empty all through, asks for nothing. */
function asksForSomething(value: unknown): boolean {
  if (value === undefined || value === null || value === "" || value === false || value === 0) return false;
  if (value === "false" || value === "0") return false;
  return typeof value === "object" ? Object.values(value).some(asksForSomething) : true;
}

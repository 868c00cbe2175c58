/**
 * A tunnel of a configuration file before anybody starts it. Files may hold definitions that only other programs understand, so a
 * fault inside one is kept here and told when that tunnel is started or the file is checked (clients.md K-053).
 */
import { UsageError } from "../base/errors.ts";
import { refuseUnsupported, type TunnelDefinition } from "../model/tunnel-definition.ts";

export interface TunnelEntry {
  readonly name: string;
  /** The file that defines it. */
  readonly file: string;
  /** The tunnel, or what is wrong with its definition. */
  readonly definition: TunnelDefinition | UsageError;
}

/** The tunnel, ready to start. Throws UsageError for a faulty definition, and for one that asks for what is not built yet. */
export function startableTunnel(entry: TunnelEntry): TunnelDefinition {
  if (entry.definition instanceof UsageError) throw entry.definition;
  refuseUnsupported(entry.definition);
  return entry.definition;
}

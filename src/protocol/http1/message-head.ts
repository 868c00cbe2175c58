import type { FieldTable } from "./field-table.ts";
import type { Framing, Version } from "./framing.ts";
import type { ScannedHead } from "./head-scanner.ts";
import { listMembers } from "./list-members.ts";
import type { NotableFields } from "./notable-fields.ts";

/** What heads of requests and responses have in common. Never changes; see `head-edits.ts` for making another one. */
export abstract class MessageHead {
  /**
   * The head as received, from the start line to the blank line, both included. May be a view of the chunk it came in:
   * who keeps it for long copies it.
   */
  readonly raw: Uint8Array;
  /** Field lines by number, with their offsets in `raw`. */
  readonly fields: FieldTable;
  readonly version: Version;
  /** How the end of the body is told. */
  readonly framing: Framing;
  /** Whether Connection has options for `removeForeignOptions` to take away. */
  readonly hasForeignOptions: boolean;
  readonly #upgrades: boolean;

  protected constructor(scanned: ScannedHead, version: Version, framing: Framing, notable: NotableFields) {
    this.raw = scanned.raw;
    this.fields = scanned.fields;
    this.version = version;
    this.framing = framing;
    this.hasForeignOptions = notable.hasForeignOptions;
    // RFC 9110 section 7.8: Upgrade means nothing in HTTP/1.0, nor when Connection does not list it.
    this.#upgrades = notable.upgrades && version === 11;
  }

  /** Value of the first line of that name, which is given in lower case. One character per octet. */
  get(name: string): string | undefined {
    return this.fields.get(name);
  }

  /** Values of all lines of that name, in order. */
  values(name: string): readonly string[] {
    return this.fields.values(name);
  }

  /** Names as spelled and values, in the order received. */
  [Symbol.iterator](): Iterator<readonly [name: string, value: string]> {
    return this.fields[Symbol.iterator]();
  }

  /** Protocols the sender offers or chose to go on with, as spelled. `undefined` when there is no valid offer. */
  get upgrade(): readonly string[] | undefined {
    const protocols = this.#upgrades ? listMembers(this.fields.values("upgrade")) : [];
    return protocols.length > 0 ? protocols : undefined;
  }
}

/** Whether the sender leaves the connection open after this message (RFC 9112 section 9.3). */
export function isKeptAlive(version: Version, notable: NotableFields): boolean {
  return !notable.closes && (version === 11 || notable.keepsAlive);
}

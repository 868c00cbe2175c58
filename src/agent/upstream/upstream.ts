/**
 * Where the visitors of a tunnel are connected to on the private side: a port, a socket file, a folder. This folder knows
 * how to reach an upstream; it knows nothing of visitors and streams.
 */
import type { Duplex } from "../../net/duplex.ts";

export interface Upstream {
  /** For people, without a scheme: `localhost:8080`. */
  readonly label: string;
  /** What is written to a connection reaches the upstream as it is: a PROXY header may stand in front of it. */
  readonly isPlain: boolean;
  /**
   * One connection, which is the caller's. `prelude` is a PROXY header: it leaves in front of everything, so in plain text
   * before TLS begins. @throws DialError
   */
  connect(signal: AbortSignal, prelude: Uint8Array | undefined): Promise<Duplex>;
}

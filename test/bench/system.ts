/** A way from a visitor to the upstreams that is measured. Each has a file in systems/; the list is in systems.ts. */
import type { Child } from "./child.ts";
import type { Places } from "./place.ts";

/** Ports at the place of the upstream. */
export interface Upstreams {
  readonly httpPort: number;
  /** HTTP/1.1 and HTTP/2. */
  readonly httpsPort: number;
  /** HTTP/2 without TLS, from the first byte on. */
  readonly http2Port: number;
  /** A server of iperf3. */
  readonly bulkPort: number;
  /** PEM files of a certificate for all names of public-name.ts, also for systems that terminate TLS. */
  readonly certificate: { readonly certPath: string; readonly keyPath: string; readonly bundlePath: string };
  /** For files of the systems too; removed at the end. */
  readonly folder: string;
}

/** What an agent shows to be let in by an edge of ours. */
export interface Admission {
  readonly authtoken: string;
  readonly caPath: string;
  readonly port: number;
}

export interface RunningSystem extends AsyncDisposable {
  /** Where visitors go. */
  readonly address: string;
  /** By which name; absent: the names of public-name.ts. */
  readonly visitorName?: string;
  readonly httpPort: number;
  /** Absent where the system has no such thing; cases that need it pass it over. */
  readonly httpsPort?: number;
  readonly bulkPort?: number;
  /** The programs that are the system, by role; none for the direct way. */
  readonly programs: Readonly<Partial<Record<"edge" | "agent", Child>>>;
  /** Whether its agent dials the edge, again when it has lost it, and visitors get through as before. */
  readonly comesBack?: boolean;
  /** For agents of our own at this edge. */
  readonly admission?: Admission;
}

export interface System {
  readonly name: string;
  /** What it is, for people. */
  readonly title: string;
  /** Fetches what it consists of; called once before a run, where there is a way to the outside. */
  prepare?(): Promise<void>;
  /** Resolves when visitors are answered. */
  start(upstreams: Upstreams, places: Places): Promise<RunningSystem>;
}

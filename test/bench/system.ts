/** A way from a visitor to the upstreams that is measured. Each has a file in systems/; the list is in systems.ts. */

/** The name that visitors ask for. It resolves to 127.0.0.1 within the benchmark (scripts/bench). */
export const PUBLIC_NAME = "app.bench.test";

/** Ports on 127.0.0.1. */
export interface Upstreams {
  readonly httpPort: number;
  readonly httpsPort: number;
  /** A server of iperf3. */
  readonly bulkPort: number;
  /** PEM files of a certificate for {@link PUBLIC_NAME}, also for systems that terminate TLS. */
  readonly certificate: { readonly certPath: string; readonly keyPath: string; readonly bundlePath: string };
  /** For files of the systems; removed at the end. */
  readonly folder: string;
}

export interface RunningSystem extends AsyncDisposable {
  /** Where visitors go, on 127.0.0.1. */
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly bulkPort: number;
  /** The processes that are the system, by role, with what they start themselves; none for the direct way. */
  readonly processes: Readonly<Record<string, number>>;
}

/**
 * What lies between the two halves of a system: for a port that one half listens on, the port of this machine at which the
 * other half reaches it.
 */
export type Reach = (port: number) => Promise<number>;

export interface System {
  readonly name: string;
  /** Resolves when visitors are answered. A system of one piece is the upstream itself, and its visitors the other half. */
  start(upstreams: Upstreams, reach: Reach): Promise<RunningSystem>;
}

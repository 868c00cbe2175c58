import type { Duplex } from "../../net/duplex.ts";
import type { Watched } from "../../net/idle-watch.ts";
import { splice, type Splice, type SpliceOptions } from "../../net/splice.ts";
import type { VisitorLine } from "./visitor-line.ts";
import type { TrafficObserver } from "./visitor-observer.ts";

export interface TunnelOptions {
  readonly line: VisitorLine;
  readonly idle: Watched;
  /** Absent: nobody counts. */
  readonly observer?: TrafficObserver | undefined;
  /** Read from the agent, and from the visitor, before. */
  readonly read?: Pick<SpliceOptions, "toFirst" | "toSecond">;
  /** Both sides have closed. */
  readonly onDone: () => void;
}

/** Joins a visitor whose connection is no HTTP from here on with its agent; the exchange ends with it. */
export function joinTunnel(visitorSide: Duplex, agentSide: Duplex, options: TunnelOptions): void {
  const { line, idle, observer, read } = options;
  const onDone = (): void => {
    idle.stop();
    options.onDone();
    observer?.onParted(joint);
    conclude(line, joint);
  };
  const joint = splice(visitorSide, agentSide, { ...read, activity: idle, onDone });
  observer?.onJoined(joint);
}

function conclude(line: VisitorLine, { bytesFromFirst, bytesFromSecond }: Splice): void {
  const { exchange } = line;
  if (exchange === undefined) return;
  exchange.outcome = "upgraded";
  exchange.bytesIn += bytesFromFirst;
  exchange.bytesOut += bytesFromSecond;
  line.conclude();
}

/** A visitor whose bytes the edge does not read: TCP endpoints, TLS passed through, and TLS that the edge ended. */
import type { Clock } from "../../base/clock.ts";
import type { Duplex } from "../../net/duplex.ts";
import { splice } from "../../net/splice.ts";
import type { Endpoint } from "../endpoint.ts";
import type { OpenVisitor, OpenVisitors } from "../open-visitors.ts";
import type { AccountGuard } from "./account-guard.ts";
import { ipOf } from "./visitor-ip.ts";
import type { RawConnection, RawObserver } from "./visitor-observer.ts";

export interface RawVisitorServices {
  readonly visitors: OpenVisitors;
  /** Absent: no account keeps anybody out. */
  readonly guard?: AccountGuard | undefined;
  /** Of this protocol. */
  readonly observer: RawObserver;
  readonly clock: Clock;
}

/**
 * Joins the visitor with the endpoint's agent; `initial` are bytes of the visitor that were read before. Who may not connect is
 * reset before a byte reaches the agent.
 */
export function serveRawVisitor(
  connection: Duplex,
  endpoint: Endpoint,
  services: RawVisitorServices,
  initial?: Uint8Array,
): void {
  const { visitors, guard, observer, clock } = services;
  const readBefore = initial?.length ?? 0;
  const visitorAddress = connection.remoteAddress;
  const about = { endpoint, visitorAddress, startedMs: clock.nowMs() };
  const { policy } = endpoint.facts.options;
  const isRefused =
    guard?.onConnection(endpoint, visitorAddress) !== undefined ||
    (policy !== undefined && policy.onConnect(ipOf(visitorAddress)) !== undefined);
  const proxied = isRefused ? undefined : endpoint.openProxy(connection, initial);
  if (proxied === undefined) {
    connection.reset();
    observer.onConnectionDone({ ...about, bytesIn: readBefore, bytesOut: 0, end: "none" });
    return;
  }
  // Where its protocol could be left is not known here, so it goes on while the edge drains.
  const protocol = endpoint.facts.proto;
  const visitor: OpenVisitor = {
    protocol,
    drain: () => {},
    cut: () => connection.reset(),
    recheck: (mayStay) => {
      if (!mayStay(endpoint, visitorAddress)) connection.reset();
    },
  };
  visitors.add(visitor);
  observer.received(readBefore);
  const joint = splice(connection, proxied.stream, {
    onDone: (...causes) => {
      visitors.remove(visitor);
      observer.onParted(joint);
      const bytesIn = readBefore + joint.bytesFromFirst;
      const end: RawConnection["end"] = causes.some((cause) => cause !== undefined) ? "reset" : "closed";
      observer.onConnectionDone({ ...about, bytesIn, bytesOut: joint.bytesFromSecond, end });
    },
  });
  observer.onJoined(joint);
}

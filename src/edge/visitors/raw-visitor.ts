/** A visitor whose bytes the edge does not read: TCP endpoints, TLS passed through, and TLS that the edge ended. */
import type { Clock } from "../../base/clock.ts";
import type { Duplex } from "../../net/duplex.ts";
import { splice } from "../../net/splice.ts";
import type { Endpoint } from "../endpoint.ts";
import type { OpenVisitor, OpenVisitors } from "../open-visitors.ts";
import type { AccountGuard } from "./account-guard.ts";
import { passConnection } from "./connection-passage.ts";
import { type FindInternal, refusingRule, unreachedBy } from "./policy-passage.ts";
import { ipOf } from "./visitor-ip.ts";
import type { RawConnection, RawObserver } from "./visitor-observer.ts";

export interface RawVisitorServices {
  readonly visitors: OpenVisitors;
  /** Absent: no account keeps anybody out. */
  readonly guard?: AccountGuard | undefined;
  /** For policies that forward; absent where there are no internal endpoints. */
  readonly findInternal?: FindInternal | undefined;
  /** Hears of the endpoint whose agent gets the connection. Absent: none is of a pool. */
  readonly onSent?: ((endpoint: Endpoint) => void) | undefined;
  /** Of this protocol. */
  readonly observer: RawObserver;
  readonly clock: Clock;
}

/**
 * Joins the visitor with the agent of the endpoint, or of the internal one that its policy forwards to; `initial` are bytes of
 * the visitor that were read before. Who may not connect is reset before a byte reaches an agent.
 */
export function serveRawVisitor(
  connection: Duplex,
  endpoint: Endpoint,
  services: RawVisitorServices,
  initial?: Uint8Array,
): void {
  const { visitors, guard, findInternal, onSent, observer, clock } = services;
  const readBefore = initial?.length ?? 0;
  const visitorAddress = connection.remoteAddress;
  const about = { endpoint, visitorAddress, startedMs: clock.nowMs() };
  const visitorIp = ipOf(visitorAddress);
  const refuse = (refusedBy: string | undefined, unreached?: string): void => {
    connection.reset();
    observer.onConnectionDone({ ...about, bytesIn: readBefore, bytesOut: 0, end: "none", refusedBy, unreached });
  };
  const kept = guard?.onConnection(endpoint, visitorAddress);
  if (kept !== undefined) return refuse(refusingRule(kept));
  const passed = passConnection(endpoint, { visitorIp, findInternal });
  // Here an answer is a refusal too: there is nobody who could read it.
  if (passed.type === "out") return refuse(refusingRule(passed.end) ?? "policy", unreachedBy(passed.end));
  const { endpoints, rules } = passed;
  const proxied = endpoints[0].openProxy(connection, initial);
  if (proxied === undefined) return refuse(undefined);
  onSent?.(endpoints[0]);
  // Where its protocol could be left is not known here, so it goes on while the edge drains.
  const protocol = endpoint.facts.proto;
  const visitor: OpenVisitor = {
    protocol,
    drain: () => {},
    cut: () => connection.reset(),
    recheck: (mayStay) => {
      if (!endpoints.every((one) => mayStay(one, visitorAddress)) || !rules.admit(visitorIp)) connection.reset();
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
      observer.onConnectionDone({ ...about, bytesIn, bytesOut: joint.bytesFromSecond, end, refusedBy: undefined });
    },
  });
  observer.onJoined(joint);
}

import { describe, expect, test } from "bun:test";
import type { Leg } from "../../src/edge/endpoint.ts";
import type { Duplex } from "../../src/net/duplex.ts";
import { pipe } from "../../src/net/pipe.ts";
import { endpointOf, ScriptedAgent } from "../support/scripted-agent.ts";

const VISITOR = { remoteAddress: "192.0.2.7:5000", localAddress: "198.51.100.1:443" };

interface PlayedLeg extends Leg {
  isDistant?: boolean;
  isOpen: boolean;
  isSilent: boolean;
  isFull: boolean;
  readonly opened: (string | undefined)[];
}

function leg(number: number, openStreams = 0): PlayedLeg {
  const opened: (string | undefined)[] = [];
  return {
    id: `ts_${number}`,
    number,
    isOpen: true,
    openStreams,
    isSilent: false,
    expectWord: () => void opened.push("expected"),
    isFull: false,
    opened,
    openProxy(_header, _visitor, first): Duplex | undefined {
      if (this.isFull) return undefined;
      opened.push(first && Buffer.from(first).toString());
      return pipe()[0];
    },
  };
}

describe("Endpoint", () => {
  test("is served by the newest leg of each number", () => {
    const [old, other, young] = [leg(0), leg(1), leg(0)];
    const endpoint = endpointOf(old, "a.test");
    endpoint.join(other);
    endpoint.join(young);
    expect(endpoint.legs).toEqual([other, young]);
    endpoint.leave(old);
    expect(endpoint.legs).toEqual([other, young]);
    endpoint.leave(other);
    endpoint.leave(young);
    expect([endpoint.isOnline, endpoint.openProxy(VISITOR)]).toEqual([false, undefined]);
  });

  test("is online as long as one of its legs is open, whether that has room or not", () => {
    const [closing, other] = [leg(0), leg(1)];
    const endpoint = endpointOf(closing, "a.test");
    closing.isOpen = false;
    expect(endpoint.isOnline).toBe(false);
    endpoint.join(other);
    other.isFull = true;
    expect(endpoint.isOnline).toBe(true);
  });

  test("gives a visitor to the leg with the fewest streams that has room", () => {
    const [busy, free, full] = [leg(0, 5), leg(1, 2), leg(2, 1)];
    full.isFull = true;
    const endpoint = endpointOf(busy, "a.test");
    endpoint.join(free);
    endpoint.join(full);
    expect(endpoint.openProxy(VISITOR)).toBeDefined();
    free.isFull = true;
    expect(endpoint.openProxy(VISITOR)).toBeDefined();
    expect([busy.opened.length, free.opened.length]).toEqual([1, 1]);
    busy.isFull = true;
    expect(endpoint.openProxy(VISITOR)).toBeUndefined();
  });

  test("is silent when none of its open legs answers, and gives them visitors last", () => {
    const [first, second, closing] = [leg(0, 1), leg(1, 5), leg(2)];
    const endpoint = endpointOf(first, "a.test");
    endpoint.join(second);
    endpoint.join(closing);
    closing.isOpen = false;
    closing.isFull = true;
    first.isSilent = true;
    expect(endpoint.isSilent).toBe(false);
    expect(endpoint.openProxy(VISITOR)?.leg).toBe(second);
    second.isFull = true;
    expect(endpoint.openProxy(VISITOR)?.leg).toBe(first);
    second.isSilent = true;
    expect(endpoint.isSilent).toBe(true);
  });

  test("is silent by what its open legs of this process say, if there are any", () => {
    const [near, distant] = [leg(0), leg(1)];
    const endpoint = endpointOf(near, "a.test");
    endpoint.join(Object.assign(distant, { isDistant: true }));
    expect(endpoint.isSilent).toBe(false);
    near.isSilent = true;
    expect(endpoint.isSilent).toBe(true);
    near.isOpen = false;
    expect(endpoint.isSilent).toBe(false);
  });

  test("expects a word of all its legs, since any may get the visitor", () => {
    const [first, second] = [leg(0), leg(1)];
    const endpoint = endpointOf(first, "a.test");
    endpoint.join(second);
    endpoint.expectWord();
    expect([first.opened, second.opened]).toEqual([["expected"], ["expected"]]);
  });

  test.each([
    [undefined, undefined, undefined],
    [undefined, "first", "first"],
    [1, undefined, "PROXY TCP4 192.0.2.7 198.51.100.1 5000 443\r\n"],
    [1, "first", "PROXY TCP4 192.0.2.7 198.51.100.1 5000 443\r\nfirst"],
  ] as const)("with PROXY version %p and %p read already opens its stream with %p", (version, first, payload) => {
    const only = leg(0);
    const endpoint = endpointOf(only, "a.test", version === undefined ? {} : { proxyProtocol: version });
    endpoint.openProxy(VISITOR, first === undefined ? undefined : Buffer.from(first));
    expect(only.opened).toEqual([payload]);
  });

  test("tells the agent who the visitor is", () => {
    const agent = new ScriptedAgent();
    endpointOf(agent, "a.test").openProxy(VISITOR);
    expect(agent.streams[0]?.visitor).toBe("192.0.2.7:5000");
  });
});

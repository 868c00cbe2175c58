import { describe, expect, test } from "bun:test";
import { systemClock } from "../../../src/base/clock.ts";
import { KeptStream } from "../../../src/edge/visitors/kept-stream.ts";
import type { ResponseListener } from "../../../src/edge/visitors/proxy-stream.ts";
import { pipe } from "../../../src/net/pipe.ts";
import { endpointOf, ScriptedAgent } from "../../support/scripted-agent.ts";

const HEAD = Buffer.from("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
const OK = Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");

class Listener implements ResponseListener {
  readonly complete = Promise.withResolvers<void>();
  onResponseHead(): void {}
  onResponseBody(): void {}
  onResponsePause(): void {}
  onStreamFailure(): void {}
  onStreamDrain(): void {}
  onResponseComplete(): void {
    this.complete.resolve();
  }
}

describe("KeptStream", () => {
  test("opens one stream for the requests of one endpoint, and another for those of the next", async () => {
    const [agent, listener] = [new ScriptedAgent(), new Listener()];
    const [first, second] = [endpointOf(agent, "a.test"), endpointOf(agent, "b.test")];
    const kept = new KeptStream(pipe()[0], listener, systemClock);
    expect([kept.send("GET", HEAD, first), kept.current?.wasUsedBefore]).toEqual(["sent", false]);
    const { end, heard } = await agent.stream(0, "\r\n\r\n");
    end.write(OK);
    await listener.complete.promise;
    expect(kept.send("GET", HEAD, first)).toBe("sent");
    await heard.until(() => heard.text === HEAD.toString().repeat(2));
    end.write(OK);
    expect([kept.send("GET", HEAD, second), agent.streams.length]).toEqual(["sent", 2]);
    await heard.until(() => heard.hasEnded || heard.isClosed);
    kept.release();
    await agent.streams[1]?.heard.until(() => agent.streams[1]?.heard.isClosed === true);
  });

  test("sends nothing over a leg that is on its way out", async () => {
    const [agent, listener] = [new ScriptedAgent(), new Listener()];
    const endpoint = endpointOf(agent, "a.test");
    const kept = new KeptStream(pipe()[0], listener, systemClock);
    kept.send("GET", HEAD, endpoint);
    const { end, heard } = await agent.stream(0, "\r\n\r\n");
    end.write(OK);
    await listener.complete.promise;
    agent.isOpen = false;
    expect([kept.send("GET", HEAD, endpoint), kept.current]).toEqual(["none", undefined]);
    const next = new ScriptedAgent();
    endpoint.join(next);
    expect(kept.send("GET", HEAD, endpoint)).toBe("sent");
    await next.stream(0, "\r\n\r\n");
    await heard.until(() => heard.hasEnded || heard.isClosed);
    expect(heard.text).toBe(HEAD.toString());
    kept.release();
  });

  test("says when the endpoint has no stream to give, and keeps none", () => {
    const agent = new ScriptedAgent();
    const kept = new KeptStream(pipe()[0], new Listener(), systemClock);
    expect(kept.send("GET", HEAD, endpointOf(agent, "a.test"))).toBe("sent");
    agent.isFull = true;
    expect([kept.send("GET", HEAD, endpointOf(agent, "b.test")), kept.current]).toEqual(["none", undefined]);
  });

  test("gives its stream away once", () => {
    const kept = new KeptStream(pipe()[0], new Listener(), systemClock);
    kept.send("GET", HEAD, endpointOf(new ScriptedAgent(), "a.test"));
    expect([kept.take() === undefined, kept.take()]).toEqual([false, undefined]);
  });
});

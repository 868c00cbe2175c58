/** The push feed, one listener at a time: what it is told, when, and how much may wait for it. */
import { describe, expect, spyOn, test } from "bun:test";
import { MAX_LISTENERS } from "../../../src/agent/api/about-routes.ts";
import { capturedExchange } from "../../support/captured-exchange.ts";
import { ApiScene } from "../../support/api-scene.ts";
import { httpTunnel } from "../../support/tunnel-definitions.ts";
import { eventually } from "../../support/turns.ts";

interface Heard {
  readonly event: string;
  readonly data: unknown;
}

class Listener {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #text = "";

  constructor(answer: Response) {
    if (answer.body === null) throw new Error("no feed");
    this.#reader = answer.body.getReader() as ReadableStreamDefaultReader<Uint8Array>; // of an HTTP body
  }

  static async to(scene: ApiScene): Promise<Listener> {
    const answer = await scene.app.request("/api/events", { headers: { Host: "localhost" } });
    expect(answer.headers.get("Content-Type")).toBe("text/event-stream");
    return new Listener(answer);
  }

  /** So many events, pings not counted. */
  async hear(count: number): Promise<readonly Heard[]> {
    const heard: Heard[] = [];
    while (heard.length < count) {
      const end = this.#text.indexOf("\n\n");
      if (end < 0) {
        const { value, done } = await this.#reader.read();
        if (done) throw new Error("the feed has ended");
        this.#text += this.#decoder.decode(value, { stream: true });
        continue;
      }
      const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(this.#text.slice(0, end)) ?? [];
      this.#text = this.#text.slice(end + 2);
      if (event !== undefined && data !== undefined) heard.push({ event, data: JSON.parse(data) });
    }
    return heard;
  }

  /** What came and was not heard, with pings. */
  async rest(): Promise<string> {
    const { value } = await this.#reader.read();
    return this.#text + this.#decoder.decode(value);
  }

  async leave(): Promise<void> {
    await this.#reader.cancel();
  }
}

async function listening(): Promise<{ readonly scene: ApiScene; readonly listener: Listener }> {
  const scene = new ApiScene();
  const listener = await Listener.to(scene);
  expect(await listener.hear(2)).toMatchObject([{ event: "hello" }, { event: "tunnels" }]);
  return { scene, listener };
}

describe("EventFeed", () => {
  test("EventFeed begins with the state that the agent is in", async () => {
    const scene = new ApiScene();
    scene.run(httpTunnel());
    const listener = await Listener.to(scene);
    expect(await listener.hear(2)).toMatchObject([
      { event: "hello", data: { status: "online", uri: "/api/status" } },
      { event: "tunnels", data: { tunnels: [{ name: "web" }], uri: "/api/tunnels" } },
    ]);
    await listener.leave();
  });

  test("EventFeed tells an exchange once for all that happened to it in a moment, in its latest state", async () => {
    const { scene, listener } = await listening();
    const open = capturedExchange({ id: "airt_1" });
    scene.capture(open);
    scene.ring.changed(open);
    scene.clock.advance(50);
    scene.capture(capturedExchange({ id: "airt_1", response: "HTTP/1.1 204 No Content\r\n\r\n" }));
    scene.capture(capturedExchange({ id: "airt_2" }));
    scene.clock.advance(50);
    expect(await listener.hear(2)).toMatchObject([
      { event: "exchange", data: { id: "airt_1", outcome: "complete", response: { status_code: 204 } } },
      { event: "exchange", data: { id: "airt_2", response: null, request: { content_type: "" } } },
    ]);
    await listener.leave();
  });

  test("EventFeed tells what was forgotten, and nothing more of it", async () => {
    const { scene, listener } = await listening();
    scene.capture(capturedExchange({ id: "airt_1", memoryBytes: 900_000 }));
    scene.capture(capturedExchange({ id: "airt_2", memoryBytes: 900_000 }));
    scene.clock.advance(100);
    expect(await listener.hear(2)).toMatchObject([
      { event: "exchange", data: { id: "airt_2" } },
      { event: "removed", data: { ids: ["airt_1"] } },
    ]);
    scene.capture(capturedExchange({ id: "airt_3" }));
    scene.ring.clear();
    scene.clock.advance(100);
    scene.capture(capturedExchange({ id: "airt_4" }));
    scene.clock.advance(100);
    expect(await listener.hear(2)).toMatchObject([{ event: "cleared" }, { event: "exchange", data: { id: "airt_4" } }]);
    await listener.leave();
  });

  test("EventFeed tells tunnels and the session when they change", async () => {
    const { scene, listener } = await listening();
    scene.run(httpTunnel());
    scene.status = { ...scene.status, state: "reconnecting" };
    scene.audience.onStatus();
    scene.audience.onStatus();
    scene.clock.advance(100);
    expect(await listener.hear(1)).toMatchObject([{ event: "status", data: { status: "reconnecting" } }]);
    await listener.leave();
  });

  test("EventFeed tells metrics each second, a latency that was measured, and pings", async () => {
    const { scene, listener } = await listening();
    scene.run(httpTunnel());
    scene.status = { ...scene.status, latencyMs: 12 };
    scene.clock.advance(1_000);
    expect(await listener.hear(2)).toMatchObject([
      { event: "metrics", data: { tunnels: [{ name: "web", metrics: { conns: { gauge: 0 }, http: { count: 0 } } }] } },
      { event: "status", data: { session: { legs: [{ latency: "12ms" }] } } },
    ]);
    scene.clock.advance(13_000);
    expect(await listener.hear(13)).toSatisfy((heard: readonly Heard[]) =>
      heard.every(({ event }) => event === "metrics"),
    );
    scene.clock.advance(1_000);
    await listener.hear(1);
    expect(await listener.rest()).toContain(":\n\n");
    await listener.leave();
  });

  test("EventFeed leaves nothing behind when its listener leaves", async () => {
    const { scene, listener } = await listening();
    scene.capture(capturedExchange());
    await listener.leave();
    expect(scene.clock.pending).toBe(0);
    scene.audience.onStatus();
    scene.capture(capturedExchange({ id: "airt_2" }));
    expect(scene.clock.pending).toBe(0);
  });

  test("EventFeed ends a listener that does not read", async () => {
    const { scene, listener } = await listening();
    for (let count = 0; count < 60_000; count++) scene.ring.clear();
    await eventually("it is cut", () => scene.cut.length > 0);
    expect(scene.clock.pending).toBe(0);
    expect(await listener.hear(100_000).catch(() => "cut")).toBe("cut");
    expect(scene.lines.filter(({ level }) => level === "error")).toEqual([]);
  });

  test("EventFeed holds exchanges back for a listener that reads late, and tells all that are left", async () => {
    const { scene, listener } = await listening();
    const ids = Array.from({ length: 3_000 }, (_, index) => `airt_${index}`);
    for (const id of ids) scene.capture(capturedExchange({ id, memoryBytes: 100 }));
    scene.clock.advance(100);
    const heard: string[] = [];
    while (heard.length < ids.length) {
      const [next] = await listener.hear(1);
      if (next?.event === "exchange") heard.push((next.data as { id: string }).id); // our own event
      scene.clock.advance(1);
    }
    expect(heard).toEqual(ids);
    await listener.leave();
  });

  test("EventFeed tells an exchange as the ring has it by then, and holds none itself", async () => {
    const { scene, listener } = await listening();
    scene.capture(capturedExchange({ id: "airt_1" }));
    scene.capture(capturedExchange({ id: "airt_2" }));
    spyOn(scene.ring, "find").mockImplementation((id) =>
      id === "airt_1" ? undefined : capturedExchange({ id, response: "HTTP/1.1 204 No Content\r\n\r\n" }),
    );
    scene.clock.advance(100);
    expect(await listener.hear(1)).toMatchObject([
      { event: "exchange", data: { id: "airt_2", response: { status_code: 204 } } },
    ]);
    await listener.leave();
  });

  test("EventFeed has so many listeners and no more", async () => {
    const scene = new ApiScene();
    const listeners = await Promise.all(Array.from({ length: MAX_LISTENERS }, () => Listener.to(scene)));
    expect(await scene.call("GET", "/api/events")).toMatchObject({ status: 429, json: { error_code: 110 } });
    await listeners.pop()?.leave();
    listeners.push(await Listener.to(scene));
    await Promise.all(listeners.map((listener) => listener.leave()));
    expect(scene.clock.pending).toBe(0);
  });

  test("EventFeed tells what happens while it reads the state that it begins with", async () => {
    const scene = new ApiScene();
    scene.onStatusRead = () => {
      scene.onStatusRead = () => {};
      scene.capture(capturedExchange({ id: "airt_1" }));
    };
    const listener = await Listener.to(scene);
    scene.clock.advance(100);
    expect(await listener.hear(3)).toMatchObject([
      { event: "hello" },
      { event: "tunnels" },
      { event: "exchange", data: { id: "airt_1" } },
    ]);
    await listener.leave();
  });

  test("EventFeed is not begun for HEAD", async () => {
    const scene = new ApiScene();
    expect(await scene.call("HEAD", "/api/events")).toMatchObject({ status: 200, text: "" });
    expect(scene.clock.pending).toBe(0);
  });
});

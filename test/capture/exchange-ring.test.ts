import { describe, expect, test } from "bun:test";
import { ExchangeRing } from "../../src/capture/exchange-ring.ts";
import type { Exchange } from "../../src/capture/exchange.ts";
import { octets } from "../support/http-transcript.ts";
import { TapScene } from "../support/tap-scene.ts";

const GET = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";

/** An exchange of which only the size matters. */
class SizedExchange implements Pick<Exchange, "id" | "serial" | "tunnelName" | "memoryBytes"> {
  readonly id: string;
  readonly serial: number;
  readonly tunnelName: string;
  memoryBytes: number;
  isDropped = false;

  constructor(ring: ExchangeRing, memoryBytes: number, tunnelName = "web") {
    this.serial = ring.nextSerial();
    this.id = ring.idOf(this.serial);
    this.tunnelName = tunnelName;
    this.memoryBytes = memoryBytes;
    ring.add(this.asExchange(), () => (this.isDropped = true));
  }

  grow(ring: ExchangeRing, bytes: number): void {
    this.memoryBytes += bytes;
    ring.grown(this.asExchange());
  }

  /** The ring reads nothing else. */
  asExchange(): Exchange {
    return this as unknown as Exchange;
  }
}

/** What a listener hears, one text per call. */
function heardFrom(ring: ExchangeRing): { readonly calls: string[]; readonly end: () => void } {
  const calls: string[] = [];
  const end = ring.listen({
    onChange: ({ id }) => calls.push(`changed ${id}`),
    onRemoved: (ids) => calls.push(`removed ${ids.join(" ")}`),
    onCleared: () => calls.push("cleared"),
  });
  return { calls, end };
}

describe("ExchangeRing", () => {
  test("ExchangeRing lists the newest first, by tunnel, up to a limit", () => {
    const ring = new ExchangeRing({ limitBytes: 1_000 });
    const all = ["web", "other", "web", "web"].map((name) => new SizedExchange(ring, 10, name));
    const ids = (listed: readonly Exchange[]): readonly number[] =>
      listed.map(({ id }) => all.findIndex((e) => e.id === id));
    expect(ids(ring.list())).toEqual([3, 2, 1, 0]);
    expect(ids(ring.list({ limit: 2 }))).toEqual([3, 2]);
    expect(ids(ring.list({ tunnelName: "web" }))).toEqual([3, 2, 0]);
    expect(ids(ring.list({ tunnelName: "web", limit: 1 }))).toEqual([3]);
    expect(ring.list({ tunnelName: "none" })).toEqual([]);
    expect(ring.find(all[1]?.id ?? "")).toBe(all[1]?.asExchange());
    expect(ring.find("airt_none")).toBeUndefined();
    expect([ring.count, ring.memoryBytes]).toEqual([4, 40]);
  });

  test("ExchangeRing lets the oldest go, as few as it takes, and tells so", () => {
    const ring = new ExchangeRing({ limitBytes: 100 });
    const [first, second, third] = [40, 40, 20].map((bytes) => new SizedExchange(ring, bytes));
    const { calls } = heardFrom(ring);
    const fourth = new SizedExchange(ring, 30);
    expect([first, second, third, fourth].map((exchange) => exchange?.isDropped)).toEqual([true, false, false, false]);
    expect([ring.count, ring.memoryBytes]).toEqual([3, 90]);
    expect(calls).toEqual([`removed ${first?.id}`, `changed ${fourth.id}`]);
  });

  test("ExchangeRing makes room for exchanges that grow", () => {
    const ring = new ExchangeRing({ limitBytes: 100 });
    const [first, second, third] = [40, 40, 20].map((bytes) => new SizedExchange(ring, bytes));
    const { calls } = heardFrom(ring);
    third?.grow(ring, 50);
    expect(calls).toEqual([`removed ${first?.id} ${second?.id}`]);
    expect(ring.memoryBytes).toBe(70);
    first?.grow(ring, 500);
    expect([ring.count, ring.memoryBytes]).toEqual([1, 70]);
  });

  test("ExchangeRing counts what an exchange gives back", () => {
    const ring = new ExchangeRing({ limitBytes: 100 });
    const exchange = new SizedExchange(ring, 80);
    exchange.grow(ring, -30);
    expect(ring.memoryBytes).toBe(50);
  });

  test("ExchangeRing does not keep one that is larger than the limit, and keeps the others", () => {
    const ring = new ExchangeRing({ limitBytes: 100 });
    const small = new SizedExchange(ring, 60);
    const large = new SizedExchange(ring, 30);
    large.grow(ring, 71);
    expect([small.isDropped, large.isDropped]).toEqual([false, true]);
    expect([ring.count, ring.memoryBytes]).toEqual([1, 60]);
  });

  test("ExchangeRing lists those that are left in order, whatever was too large among them", () => {
    const ring = new ExchangeRing({ limitBytes: 100 });
    const sizes = [101, 40, 101, 101, 40, 101, 40, 101];
    const [, , , , second, , third] = sizes.map((bytes) => new SizedExchange(ring, bytes));
    expect(ring.list().map(({ id }) => id)).toEqual([third?.id ?? "", second?.id ?? ""]);
    expect([ring.count, ring.memoryBytes]).toEqual([2, 80]);
  });

  test.each([
    {
      name: "messages of a WebSocket",
      request: "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
      response: "HTTP/1.1 101 \r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
      messages: "\x89\0".repeat(500),
    },
    {
      name: "events",
      request: GET,
      response: "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n",
      messages: "data\n\n".repeat(500),
    },
  ])("ExchangeRing tells once of all the $name that come in one piece", ({ request, response, messages }) => {
    const { ring, tap } = new TapScene();
    tap.fromVisitor(octets(request));
    tap.fromUpstream(octets(response));
    const { calls } = heardFrom(ring);
    tap.fromUpstream(octets(messages));
    expect(ring.list()[0]?.messages.length).toBe(500);
    expect(calls.length).toBe(1);
  });

  test("ExchangeRing forgets all when told, also those that are open", () => {
    const { ring, tap } = new TapScene();
    const { calls } = heardFrom(ring);
    tap.fromVisitor(octets(GET));
    const open = ring.list()[0]?.id;
    ring.clear();
    tap.fromUpstream(octets("HTTP/1.1 204 \r\n\r\n"));
    expect([ring.count, ring.memoryBytes]).toEqual([0, 0]);
    expect(calls).toEqual([`changed ${open}`, "cleared"]);
  });

  test("ExchangeRing tells of each state once, and of bodies not", () => {
    const { ring, tap } = new TapScene();
    const { calls, end } = heardFrom(ring);
    tap.fromVisitor(octets(GET));
    tap.fromUpstream(octets("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nab"));
    for (const piece of ["c", "def", "g"]) tap.fromUpstream(octets(piece));
    expect(calls.length).toBe(2);
    tap.fromUpstream(octets("h"));
    expect(calls.length).toBe(3);
    end();
    tap.fromVisitor(octets(GET));
    expect(calls.length).toBe(3);
    expect(ring.count).toBe(2);
  });
});

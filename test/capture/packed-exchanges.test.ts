/** That packing loses nothing: finished exchanges read the same. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Exchange } from "../../src/capture/exchange.ts";
import { octets } from "../support/http-transcript.ts";
import { playStep, type Step, TapScene, told, upstream, visitor } from "../support/tap-scene.ts";

const GET = "GET /a?b=%20c HTTP/1.1\r\nHost: a.example\r\nX-Name: \xe9\r\n\r\n";
const POST = "POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\n\r\nhello";
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
/** An id and all times besides what is told of every exchange. */
const everything = (exchange: Exchange) => {
  const { id, serial, startedAt, requestEndMs, firstByteMs, endMs, tunnelName, visitorAddress } = exchange;
  return { ...told(exchange), id, serial, startedAt, requestEndMs, firstByteMs, endMs, tunnelName, visitorAddress };
};

describe("Packed exchanges", () => {
  test.each<[string, readonly Step[]]>([
    ["a GET", [visitor(GET), upstream(OK)]],
    [
      "a POST, answered in pieces",
      [visitor(POST), upstream("HTTP/1.1 200 OK\r\nConte"), upstream("nt-Length: 1\r\n\r\nx")],
    ],
    [
      "a chunked answer",
      [visitor(GET), upstream("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n")],
    ],
    [
      "trailers",
      [visitor(GET), upstream("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Sum: 1\r\n\r\n")],
    ],
    ["an answer up to the end", [visitor(GET), upstream("HTTP/1.1 200 OK\r\n\r\nabc"), { end: "upstream" }]],
    ["no answer", [visitor(GET), { closedBy: "upstream" }]],
    [
      "half an answer",
      [visitor(GET), upstream("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"), { closedBy: "upstream" }],
    ],
    ["half a request", [visitor(POST.slice(0, -1)), { closedBy: "visitor" }]],
    ["no HTTP", [visitor("nonsense\0\r\n\r\n"), { closedBy: "visitor" }]],
    ["an answer that is none", [visitor(GET), upstream("SSH-2.0-x\r\n"), { closedBy: "upstream" }]],
  ])("of %s say what was captured", (_name, steps) => {
    const scene = new TapScene();
    const seen = new Map<string, unknown>();
    const note = (exchange: Exchange): unknown => seen.set(exchange.id, everything(exchange));
    scene.ring.listen({ onChange: note, onRemoved: () => {}, onCleared: () => {} });
    for (const step of steps) {
      scene.clock.advance(3);
      playStep(scene.tap, step);
    }
    const { exchange } = scene;
    expect(exchange.outcome).not.toBe("open");
    expect(everything(exchange)).toEqual(seen.get(exchange.id) as ReturnType<typeof everything>);
    expect(scene.ring.find(exchange.id)).toEqual(exchange);
  });

  test("of a request that could not be delivered say so", () => {
    const { ring, tap } = new TapScene();
    tap.fromVisitor(octets(GET));
    tap.unreachable(octets("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"));
    expect(ring.list()[0]).toMatchObject({ outcome: "unreachable", response: { isGenerated: true, statusCode: 502 } });
  });

  test("belong to whoever read them", () => {
    const scene = new TapScene(200_000);
    scene.play([visitor(GET), upstream(OK)]);
    const { exchange } = scene;
    const before = everything(exchange);
    for (let i = 0; i < 5_000; i++) scene.play([visitor(POST), upstream(OK)]);
    expect(scene.ring.find(exchange.id)).toBeUndefined();
    expect(everything(exchange)).toEqual(before);
  });

  test("make room for newer ones, whatever their sizes, and open ones stay", () => {
    const sizes = fc.array(fc.oneof(fc.nat(300), fc.nat(30_000)), { minLength: 20, maxLength: 300 });
    const keepsToItsLimit = fc.property(sizes, fc.nat(7), (bodies, openCount) => {
      const scene = new TapScene(400_000);
      const open = Array.from({ length: openCount }, () => scene.newTap());
      for (const tap of open) playStep(tap, visitor(GET));
      const removed: string[] = [];
      scene.ring.listen({ onChange: () => {}, onRemoved: (ids) => removed.push(...ids), onCleared: () => {} });
      for (const bytes of bodies) {
        const answer = upstream(`HTTP/1.1 200 OK\r\nContent-Length: ${bytes}\r\n\r\n${"x".repeat(bytes)}`);
        scene.play([visitor(GET), answer]);
      }
      const ids = scene.ring
        .list()
        .map(({ id }) => id)
        .toReversed();
      const opened = Array.from({ length: openCount }, (_, serial) => scene.ring.idOf(serial));
      const closed = bodies.map((_, i) => scene.ring.idOf(openCount + i));
      expect(ids.slice(0, openCount)).toEqual(opened);
      expect(ids.slice(openCount).every((id) => closed.includes(id))).toBe(true);
      expect([...removed, ...ids.slice(openCount)].toSorted()).toEqual(closed);
      expect(scene.ring.memoryBytes).toBeLessThanOrEqual(400_000);
      expect(scene.ring.count).toBe(ids.length);
      for (const id of ids) expect(scene.ring.find(id)?.id).toBe(id);
      for (const id of removed) expect(scene.ring.find(id)).toBeUndefined();
    });
    fc.assert(keepsToItsLimit, { numRuns: 30 });
  });

  test("stay when visitors hold half of the room with requests that they do not end", () => {
    const scene = new TapScene(4_000_000);
    for (let i = 0; i < 8; i++) {
      const tap = scene.newTap();
      playStep(tap, visitor("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n"));
      playStep(tap, visitor(new Uint8Array(900_000)));
    }
    for (let i = 0; i < 1_000; i++) scene.play([visitor(GET), upstream(OK)]);
    expect(scene.exchanges.filter(({ outcome }) => outcome === "complete")).toHaveLength(1_000);
    expect(scene.exchanges.some(({ outcome }) => outcome === "open")).toBe(true);
  });

  test("do not go before larger ones that ended long before", () => {
    const scene = new TapScene(4_000_000);
    const large = `HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n${"x".repeat(500_000)}`;
    for (let i = 0; i < 40; i++) {
      scene.play([visitor(GET.replace("/a", "/large")), upstream(large), visitor(GET), upstream(OK)]);
    }
    const targets = scene.exchanges.map(({ request }) => request.target.slice(0, 3));
    expect(targets.filter((target) => target === "/la")).toHaveLength(7);
    expect(targets.slice(-14)).toEqual(Array.from({ length: 14 }, (_, i) => (i % 2 === 0 ? "/la" : "/a?")));
  });
});

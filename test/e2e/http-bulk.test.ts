/** Large bodies and slow peers: everything arrives, and neither process collects it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { truncate } from "node:fs/promises";
import type { Duplex } from "../../src/net/duplex.ts";
import { curl } from "../support/curl.ts";
import { patternedBytes } from "../support/patterned-bytes.ts";
import { watchPeakMemory } from "../support/peak-memory.ts";
import { PlayedUpstream } from "../support/played-upstream.ts";
import { rawVisitor } from "../support/raw-end.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { LAYOUTS, SCHEMES, START_MS, TunnelSystem } from "../support/tunnel-system.ts";

const MB = 1024 * 1024;
const LARGE_BYTES = 64 * MB;
/** So much passes, where memory is watched, that it would show wherever it was held. */
const HUGE_BYTES = 256 * MB;
/** Much of it is garbage: the runtime frees what it received late, in processes that have just begun. */
const GROWTH_LIMIT_BYTES = 140 * MB;
/** What may wait for a slow peer: windows of the stream and buffers of the kernel on the way. */
const UNDER_WAY_LIMIT_BYTES = 40 * MB;
const FURTHER_BYTES = 16 * MB;
const BUSY_VISITS = 60;
const LONG_MS = 60_000;

const LARGE = patternedBytes(LARGE_BYTES);
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const LARGE_HASH = sha256(LARGE);

async function hashOfBody(request: Request): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of request.body ?? []) hash.update(chunk);
  return hash.digest("hex");
}

/** Writes without end, as fast as the connection takes it; counts what it took. */
function pour(connection: Duplex): { readonly bytes: number } {
  const piece = new Uint8Array(64 * 1024);
  const poured = { bytes: 0 };
  const more = (): void => {
    do poured.bytes += piece.length;
    while (connection.write(piece));
  };
  connection.listen({ onData: () => {}, onDrain: more, onEnd: () => {}, onClose: () => {} });
  more();
  return poured;
}

describe.each(LAYOUTS)("Through %s", (layout) => {
  let serving: Bun.Server<undefined>;
  let raw: PlayedUpstream;
  let folder: TemporaryFolder;
  let system: TunnelSystem;
  beforeAll(async () => {
    folder = new TemporaryFolder();
    await Bun.write(folder.file("large"), LARGE);
    await Bun.write(folder.file("huge"), "");
    await truncate(folder.file("huge"), HUGE_BYTES);
    serving = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      maxRequestBodySize: 2 * HUGE_BYTES,
      fetch: async (request) =>
        new Response(
          request.method === "GET" ? Bun.file(folder.file(new URL(request.url).pathname)) : await hashOfBody(request),
        ),
    });
    raw = new PlayedUpstream();
    const addr = serving.port ?? 0;
    system = await TunnelSystem.start(layout, {
      web: { addr },
      rewritten: { addr, host_header: "rewrite" },
      files: { addr: `file://${folder.path}` },
      slow: { addr: raw.addr },
    });
  }, START_MS);
  afterAll(async () => {
    await system[Symbol.asyncDispose]();
    await serving.stop(true);
    raw[Symbol.dispose]();
    folder[Symbol.dispose]();
  });

  /** Neither process may have held what passed. */
  async function expectSteady(growth: () => Promise<readonly number[]>): Promise<void> {
    for (const bytes of await growth()) expect(bytes).toBeLessThan(GROWTH_LIMIT_BYTES);
  }

  test.each([
    ["http", "web"],
    ["https", "web"],
    ["https", "rewritten"],
  ] as const)(
    "64 MB go up and down unchanged over %s to the tunnel %s",
    async (scheme, label) => {
      const place = system.place(label, scheme);
      expect((await curl(place, "/up", "-T", folder.file("large"))).stdout).toBe(LARGE_HASH);
      expect((await curl(place, "/large", "-o", folder.file("copy"))).code).toBe(0);
      expect(sha256(await Bun.file(folder.file("copy")).bytes())).toBe(LARGE_HASH);
    },
    LONG_MS,
  );

  test(
    "64 MB come unchanged out of a folder",
    async () => {
      expect((await curl(system.place("files"), "/large", "-o", folder.file("copy"))).code).toBe(0);
      expect(sha256(await Bun.file(folder.file("copy")).bytes())).toBe(LARGE_HASH);
    },
    LONG_MS,
  );

  test.each([
    ["down from a server", "web", ["-o", "/dev/null"]],
    ["down from a folder", "files", ["-o", "/dev/null"]],
    ["up to a server", "web", ["-T", "huge"]],
  ] as const)(
    "256 MB go %s and no process holds them",
    async (_, label, args) => {
      const growth = await watchPeakMemory(system.pids);
      const { code, stdout } = await curl(
        system.place(label),
        "/huge",
        ...args.map((arg) => (arg === "huge" ? folder.file(arg) : arg)),
        "-w",
        "%{size_download} %{size_upload}",
      );
      expect(code).toBe(0);
      expect(stdout).toContain(String(HUGE_BYTES));
      await expectSteady(growth);
    },
    LONG_MS,
  );

  /** Enough of them that whatever grows without limit has grown. */
  async function othersAreServed(): Promise<void> {
    for (let i = 0; i < BUSY_VISITS; i += 1) {
      const visitor = await rawVisitor(system.place("web", "http"));
      visitor.send(`POST / HTTP/1.1\r\nHost: ${system.place("web", "http").authority}\r\nContent-Length: 3\r\n\r\nabc`);
      await visitor.gets(sha256(Buffer.from("abc")));
      visitor.connection.reset();
    }
  }

  test.each(SCHEMES)(
    "a visitor over %s that does not read a download holds up the upstream and nobody else",
    async (scheme) => {
      const growth = await watchPeakMemory(system.pids);
      const place = system.place("slow", scheme);
      const visitor = await rawVisitor(place);
      visitor.send(`GET / HTTP/1.1\r\nHost: ${place.authority}\r\n\r\n`);
      const server = await raw.accept();
      await server.gets("\r\n\r\n");
      visitor.connection.pause();
      server.send("HTTP/1.1 200 OK\r\n\r\n");
      const poured = pour(server.connection);
      await othersAreServed();
      expect(poured.bytes).toBeLessThan(UNDER_WAY_LIMIT_BYTES);
      const before = poured.bytes;
      visitor.connection.resume();
      await visitor.heard.until(() => visitor.heard.bytesHeard > before + FURTHER_BYTES);
      visitor.connection.reset();
      await expectSteady(growth);
    },
    LONG_MS,
  );

  test.each(SCHEMES)(
    "an upstream that does not read an upload holds up its visitor over %s and nobody else",
    async (scheme) => {
      const growth = await watchPeakMemory(system.pids);
      const place = system.place("slow", scheme);
      const visitor = await rawVisitor(place);
      visitor.send(`POST / HTTP/1.1\r\nHost: ${place.authority}\r\nContent-Length: 1000000000000\r\n\r\n`);
      const server = await raw.accept();
      await server.gets("\r\n\r\n");
      server.connection.pause();
      const poured = pour(visitor.connection);
      await othersAreServed();
      expect(poured.bytes).toBeLessThan(UNDER_WAY_LIMIT_BYTES);
      const before = poured.bytes;
      server.connection.resume();
      await server.heard.until(() => server.heard.bytesHeard > before + FURTHER_BYTES);
      server.connection.reset();
      visitor.connection.reset();
      await expectSteady(growth);
    },
    LONG_MS,
  );
});

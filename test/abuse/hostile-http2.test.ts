/** Connections of HTTP/2 with faults in their frames and field blocks, to an edge: each costs its sender alone. */
import { afterAll, expect, test } from "bun:test";
import * as fc from "fast-check";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { connectTls } from "../../src/net/tls-client.ts";
import { clientTlsContext } from "../../src/net/tls-context.ts";
import { framesIn, headerBlock, http2Frame, PREFACE } from "../support/http2-frames.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import { EDGE_CA_PEM, LOOPBACK } from "../support/test-edge.ts";
import { eventually, quiet } from "../support/turns.ts";
import { Victims } from "./hostile-agent.ts";
import { FUZZ_TIMEOUT_MS, mutants, pieces, runs } from "./mutants.ts";

const victims = await Victims.open();
afterAll(() => victims[Symbol.asyncDispose]());

const GET = headerBlock([
  [":method", "GET"],
  [":scheme", "https"],
  [":authority", "good.edge.test"],
  [":path", "/"],
  ["cookie", "a=b"],
]);
const START = Buffer.concat([PREFACE, http2Frame("settings", 0, 0)]);
/** Behind the preface, which stays as it is: without it there is no HTTP/2. */
const SEEDS: readonly Buffer[] = [
  http2Frame("headers", 5, 1, GET),
  Buffer.concat([http2Frame("headers", 1, 1, GET.subarray(0, 9)), http2Frame("continuation", 4, 1, GET.subarray(9))]),
  Buffer.concat([
    http2Frame("headers", 4, 1, GET),
    http2Frame("data", 1, 1, Buffer.alloc(300)),
    http2Frame("reset", 0, 1, Buffer.alloc(4)),
  ]),
  // Indexed fields, a table of another size, Huffman codes, and indexes of what is not there.
  http2Frame("headers", 5, 1, Buffer.from("3fe11f82868441869d29ae30c0bf7f00ffffffff0f", "hex")),
  Buffer.concat([
    http2Frame("settings", 0, 0, Buffer.from("00010000000000040000000000057fffffff", "hex")),
    http2Frame("headers", 5, 1, GET),
  ]),
  Buffer.concat([
    http2Frame("windowUpdate", 0, 0, Buffer.from("7fffffff", "hex")),
    http2Frame("ping", 0, 0, Buffer.alloc(8)),
    http2Frame("goaway", 0, 0, Buffer.alloc(8)),
  ]),
  Buffer.concat([
    http2Frame("priority", 0, 1, Buffer.alloc(5)),
    http2Frame("headers", 0x2d, 3, Buffer.concat([Buffer.from("0000000110", "hex"), GET])),
  ]),
];

test(
  "Edge outlives whatever a connection of HTTP/2 becomes, and serves the others",
  async () => {
    const context = clientTlsContext([EDGE_CA_PEM]);
    await fc.assert(
      fc.asyncProperty(mutants(SEEDS), fc.array(fc.nat(1 << 16), { maxLength: 4 }), async (bytes, cuts) => {
        const plain = await dialTcp({ host: LOOPBACK, port: victims.edge.https }, { timeoutMs: 4_000 });
        const tls = { context, serverName: "good.edge.test", verify: true, alpn: ["h2"] };
        const { connection, alpn } = await connectTls(plain, tls);
        expect(alpn).toBe("h2");
        const heard = new RecordingListener(connection);
        connection.write(START);
        for (const piece of pieces(bytes, cuts)) {
          connection.write(piece);
          await quiet();
        }
        await heard.until(() => heard.bytesHeard > 0 || heard.isClosed);
        if (heard.bytesHeard > 0) expect(framesIn(heard.heard)[0]?.type).toBe("settings");
        connection.reset();
        expect(victims.faults).toEqual([]);
      }),
      runs(60),
    );
    expect(await victims.served()).toBe("200 good");
    const visitors = (): number =>
      [...victims.edge.edge.figures.visitors.values()].reduce((sum, count) => sum + count, 0);
    await eventually("all of them have gone", () => visitors() === 0);
    await victims.emptied();
  },
  FUZZ_TIMEOUT_MS,
);

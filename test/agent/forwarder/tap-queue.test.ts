import { describe, expect, test } from "bun:test";
import { TapQueue } from "../../../src/agent/forwarder/tap-queue.ts";
import { octets, text } from "../../support/http-transcript.ts";
import { TapScene } from "../../support/tap-scene.ts";
import { quiet } from "../../support/turns.ts";

const GET = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

function queued() {
  const scene = new TapScene();
  return { scene, tap: scene.tap, queue: new TapQueue(scene.clock) };
}

describe("TapQueue", () => {
  test("TapQueue shows what passed when the turn is over, with the time at which it passed", async () => {
    const { scene, tap, queue } = queued();
    const other = scene.newTap();
    scene.clock.advance(1_000);
    const startedAt = scene.clock.date();
    queue.add(tap, "visitor", octets(GET));
    queue.add(other, "visitor", octets(GET.slice(0, 9)));
    scene.clock.advance(5);
    queue.add(tap, "upstream", octets(OK));
    scene.clock.advance(100);
    queue.add(other, "visitor", octets(GET.slice(9)));
    expect(scene.ring.count).toBe(0);
    await quiet();
    const [first, second] = scene.exchanges;
    expect(first).toMatchObject({ outcome: "complete", startedAt, requestEndMs: 0, firstByteMs: 5, endMs: 5 });
    expect(second).toMatchObject({ outcome: "open", startedAt, requestEndMs: 105 });
  });

  test("TapQueue keeps no reference to what it is given", () => {
    const { scene, tap, queue } = queued();
    const piece = octets(GET);
    queue.add(tap, "visitor", piece);
    piece.fill(0);
    queue.flush();
    expect(text(scene.exchange.request.raw)).toBe(GET);
  });

  test.each([1, 1_000, 16_384, 16_385, 65_536, 300_000])(
    "TapQueue keeps the order of pieces of %i octets, however many there are",
    (size) => {
      const { scene, tap, queue } = queued();
      const body = "x".repeat(600_000);
      queue.add(tap, "visitor", octets(GET));
      queue.add(tap, "upstream", octets(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`));
      const pieces = size === 1 ? 2_000 : Math.ceil(body.length / size);
      for (let at = 0; at < pieces; at++) queue.add(tap, "upstream", octets(body.slice(at * size, (at + 1) * size)));
      queue.add(tap, "upstream", octets(body.slice(pieces * size)));
      queue.add(tap, "visitor", octets(GET));
      queue.flush();
      expect(scene.exchanges.map(({ outcome }) => outcome)).toEqual(["complete", "open"]);
      expect(scene.faults).toEqual([]);
    },
  );

  test("TapQueue goes on behind a piece that could not be shown", async () => {
    const { scene, tap, queue } = queued();
    const broken = Object.assign(scene.newTap(), {
      fromVisitor: () => {
        throw new Error("broken");
      },
    });
    queue.add(broken, "visitor", octets(GET));
    expect(() => queue.flush()).toThrow("broken");
    queue.add(tap, "visitor", octets(GET));
    await quiet();
    expect(scene.exchange.outcome).toBe("open");
  });

  test("TapQueue copies nothing for a tap that looks no more", () => {
    const { scene, tap, queue } = queued();
    tap.closed("visitor");
    queue.add(tap, "visitor", octets(GET));
    queue.flush();
    expect([tap.isWatching, scene.ring.count]).toEqual([false, 0]);
  });
});

import { describe, expect, test } from "bun:test";
import { TappedUpstream } from "../../../src/agent/forwarder/tapped-upstream.ts";
import { TapQueue } from "../../../src/agent/forwarder/tap-queue.ts";
import type { Duplex } from "../../../src/net/duplex.ts";
import { pipe } from "../../../src/net/pipe.ts";
import { splice } from "../../../src/net/splice.ts";
import { duplexContract } from "../../support/duplex-contract.ts";
import { octets, text } from "../../support/http-transcript.ts";
import { patternedBytes } from "../../support/patterned-bytes.ts";
import { RecordingListener } from "../../support/recording-listener.ts";
import { TapScene } from "../../support/tap-scene.ts";
import { quiet } from "../../support/turns.ts";

const GET = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

duplexContract("TappedUpstream", () => {
  const [first, second] = pipe();
  return Promise.resolve({ ends: [tapped(first), tapped(second)] as const });
});

function tapped(connection: Duplex, scene = new TapScene()): TappedUpstream {
  return new TappedUpstream(connection, scene.tap, new TapQueue(scene.clock));
}

/** A tapped upstream, and the end of whoever serves it. */
function joined() {
  const scene = new TapScene();
  const [near, far] = pipe();
  const upstream = tapped(near, scene);
  return { scene, upstream, heard: new RecordingListener(upstream), far, atFar: new RecordingListener(far) };
}

describe("TappedUpstream", () => {
  test("TappedUpstream shows what is written, also what is written at once", async () => {
    const { scene, upstream, far, atFar, heard } = joined();
    upstream.write(octets(GET.slice(0, 10)));
    const buffer = octets(`....${GET.slice(10)}....`);
    const taken = upstream.writeNow?.(buffer, 4, GET.length - 10);
    buffer.fill(0);
    expect(taken).toBe(GET.length - 10);
    await atFar.until(() => atFar.text === GET);
    far.write(octets(OK));
    await heard.until(() => heard.text === OK);
    await quiet();
    expect(scene.exchange.outcome).toBe("complete");
    expect(text(scene.exchange.request.raw)).toBe(GET);
  });

  test("TappedUpstream shows of what is written at once only what was taken", async () => {
    const scene = new TapScene();
    const [near] = pipe();
    const upstream = tapped(Object.assign(near, { writeNow: () => 4 }), scene);
    upstream.write(octets(GET.slice(0, -4)));
    expect(upstream.writeNow?.(octets("\r\n\r\n...more"), 0, 11)).toBe(4);
    await quiet();
    expect(scene.exchange.request.raw.length).toBe(GET.length);
  });

  test("TappedUpstream is at the addresses of what it taps, and offers no more than that", () => {
    const [near] = pipe({ remoteAddresses: ["192.0.2.1:80", "<other>"] });
    const upstream = tapped(Object.assign(near, { localAddress: "192.0.2.7:1", writeNow: undefined }));
    expect([upstream.remoteAddress, upstream.localAddress, upstream.writeNow]).toEqual([
      "192.0.2.1:80",
      "192.0.2.7:1",
      undefined,
    ]);
  });

  test.each([
    ["visitorCut", "whoever forwards resets it", "reset near"],
    ["upstreamCut", "the upstream resets it", "reset far"],
    ["upstreamCut", "the upstream ends it", "end far"],
  ] as const)("TappedUpstream calls it %s when %s", async (outcome, _when, act) => {
    const { scene, upstream, far, heard, atFar } = joined();
    upstream.write(octets(GET));
    await atFar.until(() => atFar.text === GET);
    if (act === "reset near") upstream.reset();
    else if (act === "reset far") far.reset();
    else {
      far.end();
      await heard.until(() => heard.hasEnded);
      upstream.end();
    }
    await heard.until(() => heard.isClosed);
    expect(scene.exchange.outcome).toBe(outcome);
  });

  test("TappedUpstream tells a visitor's end in the middle of a request", async () => {
    const { scene, upstream, far, atFar, heard } = joined();
    upstream.write(octets("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab"));
    upstream.end();
    await atFar.until(() => atFar.hasEnded);
    far.end();
    await heard.until(() => heard.isClosed);
    expect(scene.exchange).toMatchObject({ outcome: "visitorCut", request: { isWhole: false } });
  });

  test("TappedUpstream holds nothing for a visitor who reads slowly, and the upstream feels it", async () => {
    const scene = new TapScene();
    const [near, far] = pipe();
    const [stream, visitor] = pipe();
    const heard = new RecordingListener(visitor);
    visitor.pause();
    splice(stream, tapped(near, scene), { toSecond: octets(GET) });
    const body = patternedBytes(200_000);
    far.write(octets(`HTTP/1.1 200 OK\r\nContent-Length: ${100 * body.length}\r\n\r\n`));
    let sent = 0;
    while (sent < 100 && far.write(body)) {
      sent += 1;
      await quiet();
    }
    expect(sent).toBeLessThan(50);
    expect(scene.ring.memoryBytes).toBeLessThan(1_200_000);
    visitor.resume();
    await heard.until(() => heard.heard.length > sent * body.length);
    visitor.reset();
    await quiet();
    expect(scene.exchange.outcome).toBe("visitorCut");
  });
});

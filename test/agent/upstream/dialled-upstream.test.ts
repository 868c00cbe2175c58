import { describe, expect, test } from "bun:test";
import { DialledUpstream, UPSTREAM_TIMEOUT_MS } from "../../../src/agent/upstream/dialled-upstream.ts";
import { DialAttempts } from "../../../src/net/dial-attempts.ts";
import { warnOfFault } from "../../../src/net/faults.ts";
import type { SocketDuplex } from "../../../src/net/socket-duplex.ts";
import { listenTcp } from "../../../src/net/tcp-listen.ts";
import { clientTlsContext } from "../../../src/net/tls-context.ts";
import { DeafPort } from "../../support/deaf-port.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { RecordingListener } from "../../support/recording-listener.ts";

const { signal } = new AbortController();
const onFault = warnOfFault;

describe("DialledUpstream", () => {
  test("DialledUpstream gives connection and TLS 10 s together, and says that it was TLS", async () => {
    const clock = new ManualClock();
    const accepted = Promise.withResolvers<SocketDuplex>();
    using listening = listenTcp({ hostname: "127.0.0.1", port: 0 }, accepted.resolve);
    const { port } = listening;
    const tls = { context: clientTlsContext([]), serverName: "127.0.0.1", verify: false };
    const upstream = new DialledUpstream({ label: "x", target: { host: "127.0.0.1", port }, tls, clock, onFault });
    const dialled = upstream.connect(signal, undefined).catch((error: unknown) => error);
    const silent = new RecordingListener(await accepted.promise);
    await silent.until(() => silent.bytesHeard > 0); // the ClientHello
    clock.advance(UPSTREAM_TIMEOUT_MS - 1);
    expect(clock.pending).toBe(1);
    clock.advance(1);
    expect(await dialled).toMatchObject({ name: "DialError", reason: "tls" });
    expect(clock.pending).toBe(0);
  });

  test("DialledUpstream dials nobody while there is no room", async () => {
    using listening = listenTcp({ hostname: "127.0.0.1", port: 0 }, (connection) => connection.reset());
    let hasRoom = false;
    const upstream = new DialledUpstream({
      label: "127.0.0.1:80",
      target: { host: "127.0.0.1", port: listening.port },
      tls: undefined,
      hasRoom: () => hasRoom,
      clock: new ManualClock(),
      onFault,
    });
    const refused = await upstream.connect(signal, undefined).catch((error: unknown) => error);
    expect(refused).toMatchObject({ reason: "unreachable", message: "dial 127.0.0.1:80: too many open files" });
    hasRoom = true;
    (await upstream.connect(signal, undefined)).reset();
  });

  test("DialledUpstream dials no further while as many attempts as it may make are under way, wanted or not", async () => {
    await using deaf = await DeafPort.open();
    const stop = new AbortController();
    const attempts = new DialAttempts();
    const upstream = new DialledUpstream({
      label: "127.0.0.1:80",
      target: { host: "127.0.0.1", port: deaf.port },
      tls: undefined,
      dials: { maxAttempts: 2, attempts },
      clock: new ManualClock(),
      onFault,
    });
    const outcome = (): Promise<unknown> => upstream.connect(stop.signal, undefined).catch((error: unknown) => error);
    const dials = [outcome(), outcome()];
    const tooMany = { reason: "unreachable", message: "dial 127.0.0.1:80: too many attempts to connect are under way" };
    expect(await outcome()).toMatchObject(tooMany);
    stop.abort();
    for (const dialled of await Promise.all(dials)) expect(dialled).toMatchObject({ reason: "aborted" });
    expect(await outcome()).toMatchObject(tooMany);
    expect([attempts.underWay, attempts.abandoned]).toEqual([2, 2]);
  });

  test("DialledUpstream gives a connection that does not come about 10 s", async () => {
    const clock = new ManualClock();
    // The clock is all that moves before the name is resolved.
    const target = { host: "does-not-exist.invalid", port: 1 };
    const upstream = new DialledUpstream({ label: "x", target, tls: undefined, clock, onFault });
    const dialled = upstream.connect(signal, undefined).catch((error: unknown) => error);
    clock.advance(UPSTREAM_TIMEOUT_MS);
    expect(await dialled).toMatchObject({ name: "DialError", reason: "timedOut" });
  });
});

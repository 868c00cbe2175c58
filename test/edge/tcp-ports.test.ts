import { describe, expect, test } from "bun:test";
import { TcpPorts } from "../../src/edge/tcp-ports.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { freePorts } from "../support/free-ports.ts";
import { RecordingListener } from "../support/recording-listener.ts";

const hostname = "127.0.0.1";

describe("TcpPorts", () => {
  test("has none without a range", () => {
    const ports = new TcpPorts(undefined, () => {});
    expect([ports.text, ports.contains(0), ports.contains(1)]).toEqual(["(none)", false, false]);
    expect(
      ports.openAny(
        () => true,
        (connection) => connection.reset(),
      ),
    ).toBeUndefined();
  });

  test("has those of its range, both ends included", () => {
    const ports = new TcpPorts({ ports: { first: 20_000, last: 20_001 }, hostname }, () => {});
    expect(ports.text).toBe("20000-20001");
    expect([19_999, 20_000, 20_001, 20_002].map((port) => ports.contains(port))).toEqual([false, true, true, false]);
  });

  test("opens each port once, and none that may not be used", () => {
    const first = freePorts(3);
    const ports = new TcpPorts({ ports: { first, last: first + 2 }, hostname }, () => {});
    const mayUse = (port: number): boolean => port !== first + 1;
    const opened = [1, 2, 3].map(() => ports.openAny(mayUse, (connection) => connection.reset()));
    const numbers = opened.map((listening) => listening?.port);
    expect(numbers.slice(0, 2).toSorted((a = 0, b = 0) => a - b)).toEqual([first, first + 2]);
    expect(numbers[2]).toBeUndefined();
    expect(ports.open(first, (connection) => connection.reset())).toBeUndefined();
    for (const listening of opened) listening?.close();
  });

  test("resets a visitor whose handling fails, tells of the fault, and takes the next", async () => {
    const first = freePorts(1);
    const faults: unknown[] = [];
    const ports = new TcpPorts({ ports: { first, last: first }, hostname }, (fault) => void faults.push(fault));
    let visitors = 0;
    const listening = ports.open(first, (connection) => {
      visitors += 1;
      if (visitors === 1) throw new Error("made up");
      connection.end();
    });
    const [failed, served] = [await visit(first), await visit(first)];
    await failed.until(() => failed.isClosed);
    await served.until(() => served.hasEnded);
    expect(failed.cause).toBeDefined();
    expect(faults).toEqual([new Error("made up")]);
    listening?.close();
  });
});

async function visit(port: number): Promise<RecordingListener> {
  return new RecordingListener(await dialTcp({ host: hostname, port }, { timeoutMs: 5_000 }));
}

import { afterEach, describe, expect, test } from "bun:test";
import { UsageError } from "../../../src/base/errors.ts";
import { systemClock } from "../../../src/base/clock.ts";
import { OperatorPort, type OperatorPortOptions } from "../../../src/edge/operations/operator-port.ts";
import { gauge } from "../../../src/telemetry/prometheus-text.ts";
import { readExposition } from "../../support/exposition.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { recordingLog } from "../../support/recording-log.ts";
import { eventually } from "../../support/turns.ts";

const opened: OperatorPort[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((port) => port[Symbol.asyncDispose]()));
});

function open(more: Partial<OperatorPortOptions> = {}) {
  const { log, lines } = recordingLog();
  const port = new OperatorPort({
    address: { hostname: "127.0.0.1", port: 0 },
    isReady: () => true,
    checks: [],
    metrics: () => Promise.resolve([gauge("g", "G.", [{ value: 1 }])]),
    clock: systemClock,
    log,
    ...more,
  });
  opened.push(port);
  const call = async (path: string, method = "GET") => {
    const response = await fetch(`http://127.0.0.1:${port.port}${path}`, { method });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  return { port, lines, call };
}

describe("OperatorPort", () => {
  test.each([
    ["/healthz", "GET", 200, "ok\n"],
    ["/healthz", "HEAD", 200, ""],
    ["/readyz", "GET", 200, "ok\n"],
    ["/", "GET", 404, "there are /healthz, /readyz and /metrics\n"],
    ["/metrics/", "GET", 404, "there are /healthz, /readyz and /metrics\n"],
    ["/metrics", "POST", 405, "only GET and HEAD\n"],
    ["/healthz", "DELETE", 405, "only GET and HEAD\n"],
  ])("OperatorPort answers %s of %s with %d", async (path, method, status, text) => {
    expect(await open().call(path, method)).toMatchObject({ status, text });
  });

  test("OperatorPort answers /metrics in the text format", async () => {
    const { text, headers } = await open().call("/metrics");
    expect(headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(readExposition(text).get("g")?.values).toMatchObject([{ value: 1 }]);
  });

  test("OperatorPort is alive and not ready while the edge drains", async () => {
    const { call } = open({ isReady: () => false });
    expect([(await call("/healthz")).status, (await call("/readyz")).status]).toEqual([200, 503]);
  });

  test("OperatorPort names the checks that fail, and tells their reason to the log alone", async () => {
    const { call, lines } = open({
      checks: [
        { name: "store", check: () => Promise.reject(new Error("password of 10.0.0.1 refused")) },
        { name: "other", check: () => Promise.resolve() },
      ],
    });
    expect(await call("/readyz")).toMatchObject({ status: 503, text: "failed: store\n" });
    expect(lines.map(({ message, fields }) => [message, fields["check"]])).toEqual([
      ["the edge is not ready", "store"],
    ]);
  });

  test("OperatorPort does not wait for a check that does not end", async () => {
    const clock = new ManualClock();
    const { call } = open({ clock, checks: [{ name: "store", check: () => new Promise(() => {}) }] });
    const answered = call("/readyz");
    await eventually("the check has begun", () => clock.pending > 0);
    clock.advance(3_000);
    expect(await answered).toMatchObject({ status: 503, text: "failed: store\n" });
    expect(clock.pending).toBe(0);
  });

  test("OperatorPort answers 500 to a fault of ours, and logs it", async () => {
    const { call, lines } = open({
      metrics: () => {
        throw new Error("a bug");
      },
    });
    expect((await call("/metrics")).status).toBe(500);
    expect(lines.map(({ message }) => message)).toEqual(["fault in a call of the operator"]);
  });

  test("OperatorPort whose address is taken says which", () => {
    const { port } = open();
    expect(() => open({ address: { hostname: "127.0.0.1", port: port.port } })).toThrow(UsageError);
    expect(() => open({ address: { hostname: "127.0.0.1", port: port.port } })).toThrow(`127.0.0.1:${port.port}`);
  });
});

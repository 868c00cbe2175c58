/** What agents and the log are told of endpoints without a certificate, as an edge without an authority of its own answers binds. */
import { afterEach, describe, expect, test } from "bun:test";
import { systemClock } from "../../../src/base/clock.ts";
import { createLocalCa, LocalCa } from "../../../src/pki/local-ca.ts";
import { testEdge, type TestEdge } from "../../support/test-edge.ts";

const ca = new LocalCa(await createLocalCa("test", systemClock), systemClock);
const covered = await ca.issue(["covered.edge.test"]);
const own = await ca.issue(["own.edge.test"]);

let edge: TestEdge | undefined;
afterEach(() => edge?.end());

const warnings = ({ log }: TestEdge): readonly unknown[] =>
  log.flatMap(({ level, message, fields }) =>
    level === "warn" && message === "agent warned of its endpoint" ? [fields["url"]] : [],
  );

describe("certificateWarning", () => {
  const [cert, key] = [own.certPem, own.keyPem].map((pem) => Buffer.from(pem).toString("base64"));
  const terminated = { TLSTermination: { cert, key } };
  test.each([
    ["an https name", { Proto: "https", Opts: { Hostname: "a.edge.test" } }, true],
    ["an https name that a certificate covers", { Proto: "https", Opts: { Hostname: "covered.edge.test" } }, false],
    ["an http name", { Proto: "http", Opts: { Hostname: "a.edge.test" } }, false],
    ["a tls name that the agent ends", { Proto: "tls", Opts: { Hostname: "a.edge.test" } }, false],
    [
      "a tls name with its own certificate",
      { Proto: "tls", Opts: { Hostname: "own.edge.test", ...terminated } },
      false,
    ],
    ["an internal name", { Proto: "https", Opts: { URL: "https://a.internal" } }, false],
  ])("of %s", async (_, wire, isWarned) => {
    edge = testEdge({ issue: undefined, certificates: [() => covered] });
    const { bind } = await edge.agent();
    const { url, extra } = await bind(wire);
    const text = `${new URL(url).hostname} had no certificate when it came online, and visitors are refused while it has none.`;
    expect(extra.ginnel?.warning.startsWith(text)).toBe(isWarned ? true : undefined);
    expect(warnings(edge)).toEqual(isWarned ? [url] : []);
  });

  test("is told once, not over further sessions of the agent", async () => {
    edge = testEdge({ issue: undefined });
    const first = await edge.agent();
    const { bindId, extra } = await first.bind({ Proto: "https", Opts: { Hostname: "a.edge.test" } });
    expect(extra.ginnel).toBeDefined();
    const second = await edge.agent({ sessionId: first.auth.sessionId, legNumber: 1 });
    const again = await second.bind({ Id: bindId, Proto: "https", Opts: { Hostname: "a.edge.test" } });
    expect(again.extra.ginnel).toBeUndefined();
    expect(warnings(edge)).toHaveLength(1);
  });

  test("is nothing where the edge signs for its names itself", async () => {
    edge = testEdge();
    const { bind } = await edge.agent();
    expect((await bind({ Proto: "https", Opts: { Hostname: "a.edge.test" } })).extra.ginnel).toBeUndefined();
    expect(warnings(edge)).toEqual([]);
  });
});

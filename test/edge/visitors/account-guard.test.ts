import { afterEach, describe, expect, test } from "bun:test";
import { OPEN_ACCOUNT } from "../../../src/edge/static-directory.ts";
import { AccountGuard } from "../../../src/edge/visitors/account-guard.ts";
import { AddressRules } from "../../../src/model/address-rules.ts";
import { NO_LIMITS } from "../../../src/model/records/account.ts";
import { dialTcp } from "../../../src/net/tcp-dial.ts";
import { GatedDirectory } from "../../support/binder-scene.ts";
import { freePorts } from "../../support/free-ports.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { RecordingListener } from "../../support/recording-listener.ts";
import { endpointOf, ScriptedAgent } from "../../support/scripted-agent.ts";
import { LOOPBACK, type TestEdge, testEdge } from "../../support/test-edge.ts";
import { eventually } from "../../support/turns.ts";
import { visit } from "../../support/visit.ts";

const endpoint = endpointOf(new ScriptedAgent(), "app.test");
const onlyElsewhere = AddressRules.parse({ allow: ["203.0.113.0/24"], deny: [] }, "nobody");

describe("AccountGuard", () => {
  test.each([
    ["203.0.113.9:1", undefined],
    ["[::ffff:203.0.113.9]:1", undefined],
    ["192.0.2.1:1", "ERR_NGROK_3205"],
    ["[2001:db8::1]:1", "ERR_NGROK_3205"],
    ["<in this process>", "ERR_NGROK_3205"],
  ])("and its networks say of a visitor from %s: %p", (address, code) => {
    const rules = { ...OPEN_ACCOUNT, visitorAddresses: onlyElsewhere };
    const guard = new AccountGuard({ rulesOf: () => rules, clock: new ManualClock() });
    expect(guard.addressVerdict(endpoint, address)?.error.code).toBe(code as "ERR_NGROK_3205");
    expect(guard.mayStay(endpoint, address)).toBe(code === undefined);
  });

  test("takes as many connections in a second as the account may have, and tells when to come again", () => {
    const clock = new ManualClock();
    const rules = { ...OPEN_ACCOUNT, limits: { ...NO_LIMITS, connectionsPerSecond: 2 } };
    const guard = new AccountGuard({ rulesOf: () => rules, clock });
    const verdicts = [1, 2, 3].map(() => guard.onConnection(endpoint, "192.0.2.1:1"));
    expect(verdicts.map((verdict) => verdict?.error.code)).toEqual([
      undefined,
      undefined,
      "ERR_GINNEL_CONNECTION_RATE",
    ]);
    const [field, seconds] = verdicts[2]?.fields?.[0] ?? [];
    expect([field, Number(seconds) >= 1]).toEqual(["Retry-After", true]);
    clock.advance(2_000);
    expect(guard.onConnection(endpoint, "192.0.2.1:1")).toBeUndefined();
  });
});

describe("An edge and the networks of an account", () => {
  const edges: TestEdge[] = [];
  afterEach(async () => {
    for (const edge of edges.splice(0)) await edge.end();
  });

  function scene(tcpPort?: number): { readonly edge: TestEdge; readonly directory: GatedDirectory } {
    const directory = new GatedDirectory();
    const tcp = tcpPort === undefined ? undefined : { hostname: LOOPBACK, ports: { first: tcpPort, last: tcpPort } };
    const edge = testEdge({ directory, tcp });
    edges.push(edge);
    return { edge, directory };
  }

  function change(directory: GatedDirectory, visitorAddresses: AddressRules): void {
    directory.rules = { ...OPEN_ACCOUNT, visitorAddresses };
    for (const { onAddressRules } of directory.listeners) onAddressRules?.("ac_1");
  }

  test("answer 403 before a byte reaches the agent", async () => {
    const { edge, directory } = scene();
    const { agent, bind } = await edge.agent();
    await bind({ Proto: "http", Opts: { Domain: "a.edge.test" } });
    change(directory, onlyElsewhere);
    const { status, headers } = await visit("a.edge.test", { port: edge.http });
    expect([status, headers["ngrok-error-code"]]).toEqual([403, "ERR_NGROK_3205"]);
    expect(agent.proxies).toHaveLength(0);
  });

  test("cut an open TCP connection when they change, and keep the next out", async () => {
    const port = freePorts(1);
    const { edge, directory } = scene(port);
    const { agent, bind } = await edge.agent();
    await bind({ Proto: "tcp", Opts: {} });
    const visitor = new RecordingListener(await dialTcp({ host: LOOPBACK, port }, { timeoutMs: 5_000 }));
    await eventually("the agent has the visitor", () => agent.proxies.length === 1);
    change(directory, AddressRules.parse({ allow: [`${LOOPBACK}/32`], deny: [] }, "nobody"));
    expect(visitor.isClosed).toBe(false);
    change(directory, onlyElsewhere);
    await eventually("the visitor was cut", () => visitor.isClosed);
    const next = new RecordingListener(await dialTcp({ host: LOOPBACK, port }, { timeoutMs: 5_000 }));
    await eventually("the next was cut too", () => next.isClosed);
    expect(agent.proxies).toHaveLength(1);
  });
});

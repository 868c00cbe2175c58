import { describe, expect, test } from "bun:test";
import { AddressWarnings } from "../../src/edge/address-warnings.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { AddressRules } from "../../src/model/address-rules.ts";
import { CloudScene } from "../support/cloud-scene.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { recordingLog } from "../support/recording-log.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import { LOOPBACK } from "../support/test-edge.ts";
import { eventually } from "../support/turns.ts";

const elsewhere = AddressRules.parse({ allow: ["203.0.113.0/24"], deny: [] }, "nobody");
const SOURCE = { accountId: "acct_1", type: "endpoints", ip: "192.0.2.1" } as const;

describe("AddressWarnings", () => {
  test.each([
    ["nobody", AddressRules.parse({ allow: [], deny: [] }, "nobody")],
    ["others", AddressRules.parse({ allow: ["192.0.2.0/24"], deny: [] }, "nobody")],
  ])("AddressWarnings say nothing when the rules keep out %s", (_, rules) => {
    const { log, lines } = recordingLog();
    new AddressWarnings(log, new ManualClock()).check(rules, SOURCE);
    expect(lines).toEqual([]);
  });

  test("AddressWarnings tell of an address once in ten minutes, for each account and type", () => {
    const { log, lines } = recordingLog();
    const clock = new ManualClock();
    const warnings = new AddressWarnings(log, clock);
    const sources = [SOURCE, { ...SOURCE, type: "agent" }, { ...SOURCE, accountId: "acct_2" }] as const;
    for (const source of [...sources, ...sources]) warnings.check(elsewhere, source);
    expect(lines.map(({ fields }) => `${String(fields["account"])} ${String(fields["type"])}`)).toEqual([
      "acct_1 endpoints",
      "acct_1 agent",
      "acct_2 endpoints",
    ]);
    clock.advance(1_200_000);
    warnings.check(elsewhere, SOURCE);
    expect(lines).toHaveLength(4);
  });

  test("AddressWarnings are only so many in a minute, and tell how many were left out", () => {
    const { log, lines } = recordingLog();
    const clock = new ManualClock();
    const warnings = new AddressWarnings(log, clock);
    for (let host = 0; host < 100; host++) warnings.check(elsewhere, { ...SOURCE, ip: `192.0.2.${host}` });
    expect(lines).toHaveLength(60);
    clock.advance(60_000);
    warnings.check(elsewhere, { ...SOURCE, ip: "192.0.2.200" });
    expect(lines.at(-1)?.fields["left_out"]).toBe(40);
  });
});

test("an edge warns of agents and visitors that restrictions without enforcement would keep out, and lets them in", async () => {
  await using s = await CloudScene.open();
  const { id: policy } = await s.scene.create("ip_policies", {});
  await s.scene.create("ip_policy_rules", { ip_policy_id: policy, cidr: "203.0.113.0/24", action: "allow" });
  for (const type of ["agent", "endpoints"]) await s.scene.create("ip_restrictions", { type, ip_policy_ids: [policy] });
  const agent = await s.agent();
  const { addr } = await s.scene.create("reserved_addrs", {});
  await agent.bind({ Proto: "tcp", Opts: { Addr: addr } });
  const port = Number(String(addr).split(":")[1]);
  const visitor = await dialTcp({ host: LOOPBACK, port }, { timeoutMs: 5_000 });
  const heard = new RecordingListener(visitor);
  await eventually("the agent has the visitor", () => agent.agent.proxies.length === 1);
  expect(heard.isClosed).toBe(false);
  const warned = s.edge.log.filter(({ level }) => level === "warn").map(({ fields }) => [fields["type"], fields["ip"]]);
  expect(warned).toEqual([
    ["agent", "192.0.2.1"],
    ["endpoints", LOOPBACK],
  ]);
  visitor.reset();
});

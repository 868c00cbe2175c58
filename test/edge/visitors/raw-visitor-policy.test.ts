import { describe, expect, test } from "bun:test";
import type { Endpoint } from "../../../src/edge/endpoint.ts";
import { OpenVisitors } from "../../../src/edge/open-visitors.ts";
import { serveRawVisitor } from "../../../src/edge/visitors/raw-visitor.ts";
import type { RawConnection } from "../../../src/edge/visitors/visitor-observer.ts";
import { pipe } from "../../../src/net/pipe.ts";
import { type EndpointModules, policyOf } from "../../../src/policy/endpoint-modules.ts";
import { trafficPolicySteps } from "../../../src/policy/traffic-policy/traffic-policy.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { RecordingListener } from "../../support/recording-listener.ts";
import { endpointOf, ScriptedAgent } from "../../support/scripted-agent.ts";

function document(action: string): EndpointModules {
  const text = `on_tcp_connect: [{ actions: [{ type: ${action} }] }]`;
  return { trafficPolicy: trafficPolicySteps(text, { protocol: "tcp" }) };
}

describe("serveRawVisitor", () => {
  test.each([
    ["denied by the endpoint", { addresses: { allow: [], deny: ["192.0.2.0/24"] } }, "restrict_ips"],
    ["not among the allowed", { addresses: { allow: ["10.0.0.0/8"], deny: [] } }, "restrict_ips"],
    ["denied by a traffic policy", document("restrict-ips, config: { deny: [192.0.2.0/24] }"), "restrict_ips"],
    ["denied like everybody", document("deny"), "policy"],
    ["closed like everybody", document("close-connection"), "policy"],
    ["forwarded to nobody", document("forward-internal, config: { url: tcp://x.internal:1 }"), "forward_internal"],
  ])("serveRawVisitor resets who is %s before a byte reaches the agent", async (_, modules, refusedBy) => {
    const agent = new ScriptedAgent();
    const [edgeEnd, visitor] = pipe({ remoteAddresses: ["192.0.2.7:5000", "<edge>"] });
    const heard = new RecordingListener(visitor);
    const ends: unknown[] = [];
    const nothing = (): void => {};
    const observer = {
      received: nothing,
      sent: nothing,
      onJoined: nothing,
      onParted: nothing,
      onConnectionDone: (done: RawConnection) => void ends.push([done.end, done.refusedBy, done.unreached]),
    };
    const policy = policyOf(modules);
    const endpoint = endpointOf(agent, "tcp.test", policy === undefined ? {} : { policy });
    const asked: string[] = [];
    const onSent = ({ host }: Endpoint): void => void asked.push(host);
    const services = { visitors: new OpenVisitors(), observer, onSent, clock: new ManualClock() };
    serveRawVisitor(edgeEnd, endpoint, services, Buffer.from("hello"));
    await heard.until(() => heard.events.some((event) => event.startsWith("close")));
    expect([agent.streams, asked]).toEqual([[], []]);
    const unreached = refusedBy === "forward_internal" ? "tcp://x.internal:1" : undefined;
    expect(ends).toEqual([["none", refusedBy, unreached]]);
  });

  test("serveRawVisitor tells whose agent got the visitor", async () => {
    const agent = new ScriptedAgent();
    const [edgeEnd, visitor] = pipe();
    const nothing = (): void => {};
    const observer = {
      received: nothing,
      sent: nothing,
      onJoined: nothing,
      onParted: nothing,
      onConnectionDone: nothing,
    };
    const asked: string[] = [];
    const onSent = ({ host }: Endpoint): void => void asked.push(host);
    const visitors = new OpenVisitors();
    serveRawVisitor(edgeEnd, endpointOf(agent, "tcp.test"), { visitors, observer, onSent, clock: new ManualClock() });
    visitor.write(Buffer.from("hello"));
    const { end } = await agent.stream(0, "hello");
    expect(asked).toEqual(["tcp.test"]);
    for (const each of [visitor, end]) each.reset();
  });
});

/** The official SDK (npm @ngrok/ngrok) is told what to do by our edge. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ManagedEdge } from "../support/managed-edge.ts";
import { SdkAgent } from "../support/sdk-agent.ts";

/** Processes are started and a machine may be busy; nothing here measures time. */
const LONG_MS = 60_000;

let edge: ManagedEdge;
beforeAll(async () => {
  edge = await ManagedEdge.open();
});
afterAll(() => edge[Symbol.asyncDispose]());

describe.each(["node", "bun"] as const)("the SDK on %s", (host) => {
  test(
    "hears what it has a handler for, and says of the rest that it has none",
    async () => {
      await using agent = new SdkAgent(edge, host);
      await agent.session(["stop", "restart"], edge.authtoken);
      const session = await edge.onlySession();
      for (const command of ["stop", "restart"]) {
        expect(await edge.tell(session, command)).toEqual([204, ""]);
        await agent.told(command);
      }
      const [status, text] = await edge.tell(session, "update");
      expect([status, text]).toEqual([400, expect.stringMatching(/The agent refuses to update: .*callback/)]);
      const { status: refused, json } = await edge.call("POST", "/tunnels", {
        proto: "http",
        addr: 80,
        tunnel_session_id: session,
      });
      expect([refused, json["error_code"]]).toEqual([403, "ERR_GINNEL_AGENT_FORBIDS"]);
    },
    LONG_MS,
  );
});

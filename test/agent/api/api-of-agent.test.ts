/** The agent API of a real agent on a real port: what goes on no longer than anybody waits for it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { apiOfAgent } from "../../../src/agent/api/api-of-agent.ts";
import { startWebService, type WebService } from "../../../src/agent/api/web-service.ts";
import { systemClock } from "../../../src/base/clock.ts";
import { buildAgentConfig } from "../../../src/config/agent-config.ts";
import { noLog } from "../../../src/telemetry/logger.ts";
import { CapturedTunnels } from "../../support/captured-tunnels.ts";
import { RawEnd } from "../../support/raw-end.ts";
import { RawUpstream } from "../../support/raw-upstream.ts";
import { visit } from "../../support/visit.ts";

let system: CapturedTunnels;
beforeAll(() => {
  system = new CapturedTunnels();
});
afterAll(() => system[Symbol.asyncDispose]());

/** A caller who asks for 100 replays of a request, and an upstream that has got the first of them and says nothing. */
async function replaying(name: string) {
  const upstream = new RawUpstream();
  await system.start(name, { upstream: `127.0.0.1:${upstream.port}` });
  const visited = visit(`${name}.edge.test`, { port: system.edge.http });
  const first = new RawEnd(await upstream.next());
  await first.gets("\r\n\r\n");
  first.send("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
  first.connection.end();
  await visited;
  const { id } = await system.one(name);
  const service = serveApi();
  const caller = connect(service.address.port, "127.0.0.1");
  const body = JSON.stringify({ id, times: 100 });
  const head = `POST /api/requests/http HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
  caller.write(`${head}\r\n\r\n${body}`);
  const silent = new RawEnd(await upstream.next());
  await silent.gets("\r\n\r\n");
  return { upstream, service, caller, silent };
}

function serveApi(): WebService {
  const config = buildAgentConfig({ files: [], environment: {}, flags: {}, variables: {} });
  const { agent, audience, ring } = system;
  const settings = { address: { host: "127.0.0.1", port: 0 }, isExplicit: true, allowHosts: [], mayBePublished: false };
  const service = startWebService(settings, (request) => app.fetch(request), noLog);
  const ownPort = { address: service.address, mayBePublished: false };
  const cut = (request: Request): void => service.cut(request);
  const app = apiOfAgent({ agent, audience, ring, ownPort, cut, config, clock: systemClock, log: noLog });
  return service;
}

/** Everything heard, once there is a head. */
function answerTo(caller: Socket): Promise<string> {
  const answered = Promise.withResolvers<string>();
  let heard = "";
  caller.on("data", (bytes) => {
    heard += bytes.toString("latin1");
    if (heard.includes("\r\n\r\n")) answered.resolve(heard);
  });
  return answered.promise;
}

describe("a replay over the agent API", () => {
  test.each([
    ["its caller leaves", "left", ({ caller }: Replaying) => caller.destroy()],
    ["the web port closes, as at the end of the agent", "closed", ({ service }: Replaying) => service.close()],
    ["its tunnel stops", "stopped", () => system.agent.stopTunnel("stopped")],
  ])("a replay over the agent API ends when %s", async (_, name, end) => {
    const scene = await replaying(name);
    const answered = answerTo(scene.caller);
    await end(scene);
    await scene.silent.getsCut();
    const exchanges = await system.over(name, 2);
    expect(exchanges.map(({ outcome }) => outcome)).toEqual(["complete", "visitorCut"]);
    if (name === "stopped") expect(await answered).toStartWith("HTTP/1.1 404 Not Found\r\n");
    await scene.service.close();
    expect(scene.upstream.untaken).toBe(0);
    scene.caller.destroy();
    scene.upstream[Symbol.dispose]();
  });
});

type Replaying = Awaited<ReturnType<typeof replaying>>;

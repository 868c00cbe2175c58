/** ginnel: the compiled program twice, as edge and as agent, with TLS between them. */
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Child, freePort, output } from "../child.ts";
import { PUBLIC_NAME, type Reach, type RunningSystem, type System, type Upstreams } from "../system.ts";

export const GINNEL = join(import.meta.dir, "../../../dist/ginnel");
const AUTHTOKEN = "bench_0123456789abcdefghijklmnopqrstuvwxyz";

/** Forwards, as the systems beside it do, and nothing else. */
export const ginnel = ginnelWith("ginnel", { inspect: false });
/** Also captures what it forwards, as it does when nobody says otherwise. */
export const inspectingGinnel = ginnelWith("ginnel-inspect", { inspect: true });

function ginnelWith(name: string, { inspect }: { readonly inspect: boolean }): System {
  return { name, start: (upstreams, reach) => start(inspect, upstreams, reach) };
}

async function start(inspect: boolean, upstreams: Upstreams, reach: Reach): Promise<RunningSystem> {
  await using undo = new AsyncDisposableStack();
  const folder = await mkdtemp(join(upstreams.folder, "ginnel-"));
  const data = join(folder, "data");
  await mkdir(data);
  const [httpPort, httpsPort, bulkPort] = await Promise.all([freePort(), freePort(), freePort()]);

  const flags = {
    "--domain": "bench.test",
    "--http": `127.0.0.1:${httpPort}`,
    "--https": `127.0.0.1:${httpsPort}`,
    "--tcp-ports": `${bulkPort}-${bulkPort}`,
    "--data": data,
  };
  const edge = undo.use(new Child([GINNEL, "edge", ...Object.entries(flags).flat()], { GINNEL_AUTHTOKEN: AUTHTOKEN }));
  await edge.listensOn(httpPort, httpsPort);

  const ca = join(folder, "ca.pem");
  await writeFile(ca, await output(GINNEL, "edge", "ca", "--data", data));
  const config = join(folder, "agent.yml");
  await writeFile(
    config,
    `version: "2"
authtoken: ${AUTHTOKEN}
server_addr: bench.test:${await reach(httpsPort)}
root_cas: ${ca}
web_addr: "false"
console_ui: false
log: stdout
log_level: warn
tunnels:
  web: { proto: http, addr: "127.0.0.1:${upstreams.httpPort}", hostname: ${PUBLIC_NAME}, schemes: [http, https], inspect: ${inspect} }
  bulk: { proto: tcp, addr: "127.0.0.1:${upstreams.bulkPort}", remote_addr: "bench.test:${bulkPort}" }
`,
  );
  const agent = undo.use(new Child([GINNEL, "start", "--all", "--config", config]));
  await agent.listensOn(bulkPort);
  const kept = undo.move();
  return {
    httpPort,
    httpsPort,
    bulkPort,
    processes: { edge: edge.pid, agent: agent.pid },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

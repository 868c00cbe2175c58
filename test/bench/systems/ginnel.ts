/** ginnel: the compiled program twice, as edge and as agent, with TLS between them. */
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Child, freePort, output } from "../child.ts";
import type { Places } from "../place.ts";
import { BASE_NAME, HTTP2_NAME, PUBLIC_NAME } from "../public-name.ts";
import type { RunningSystem, System, Upstreams } from "../system.ts";

export const GINNEL = join(import.meta.dir, "../../../dist/ginnel");
const AUTHTOKEN = "bench_0123456789abcdefghijklmnopqrstuvwxyz";
/** Enough for every case. */
const MAX_SESSIONS = "5000";
const MAX_STREAMS = "20000";

/** Forwards, as the systems beside it do, and nothing else. */
export const ginnel = ginnelWith("ginnel", "edge and agent, TLS between them; nothing is captured", {});
/** Also captures what it forwards, as it does when nobody says otherwise. */
export const inspectingGinnel = ginnelWith("ginnel-inspect", "the same with everything captured", { inspect: true });
/** Where all share one processor, as in most cases here, this tells what the second process costs; what it gains is for those of cases/workers.ts. */
export const ginnelOfTwo = ginnelWith("ginnel-2", "the same as ginnel, with two processes of the edge", { workers: 2 });

interface Variant {
  readonly inspect?: boolean;
  readonly workers?: number;
}

function ginnelWith(name: string, title: string, variant: Variant): System {
  return { name, title, start: (upstreams, places) => start(variant, upstreams, places) };
}

async function start(
  { inspect = false, workers = 1 }: Variant,
  upstreams: Upstreams,
  places: Places,
): Promise<RunningSystem> {
  await using undo = new AsyncDisposableStack();
  const folder = await mkdtemp(join(upstreams.folder, "ginnel-"));
  const data = join(folder, "data");
  await mkdir(data);
  const [httpPort, httpsPort, bulkPort] = await Promise.all([freePort(), freePort(), freePort()]);

  const flags = {
    "--domain": BASE_NAME,
    "--http": `${places.edge.listen}:${httpPort}`,
    "--https": `${places.edge.listen}:${httpsPort}`,
    "--tcp-ports": `${bulkPort}-${bulkPort}`,
    "--max-sessions": MAX_SESSIONS,
    "--max-streams": MAX_STREAMS,
    "--workers": String(workers),
    "--data": data,
  };
  const command = [GINNEL, "edge", ...Object.entries(flags).flat()];
  const edge = undo.use(new Child(command, { GINNEL_AUTHTOKEN: AUTHTOKEN }, places.edge));
  await edge.listensOn(httpPort, httpsPort);

  const caPath = join(folder, "ca.pem");
  await writeFile(caPath, await output(GINNEL, "edge", "ca", "--data", data));
  const config = join(folder, "agent.yml");
  await writeFile(
    config,
    `version: "2"
authtoken: ${AUTHTOKEN}
server_addr: ${BASE_NAME}:${httpsPort}
root_cas: ${caPath}
web_addr: "false"
console_ui: false
log: stdout
log_level: warn
tunnels:
  web: { proto: http, addr: "127.0.0.1:${upstreams.httpPort}", hostname: ${PUBLIC_NAME}, schemes: [http, https], inspect: ${inspect} }
  http2: { proto: http, addr: "127.0.0.1:${upstreams.http2Port}", hostname: ${HTTP2_NAME}, app_protocol: http2, schemes: [https], inspect: ${inspect} }
  bulk: { proto: tcp, addr: "127.0.0.1:${upstreams.bulkPort}", remote_addr: "${BASE_NAME}:${bulkPort}" }
`,
  );
  const agent = undo.use(new Child([GINNEL, "start", "--all", "--config", config], {}, places.agent));
  await edge.listensOn(bulkPort);
  const kept = undo.move();
  return {
    address: places.edge.address,
    httpPort,
    httpsPort,
    bulkPort,
    programs: { edge, agent },
    comesBack: true,
    admission: { authtoken: AUTHTOKEN, caPath, port: httpsPort },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

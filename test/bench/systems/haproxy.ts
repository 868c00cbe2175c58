/** Two haproxy in a row with TLS between them, one thread each: what a native proxy can do on the same way. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Child, freePort } from "../child.ts";
import type { System } from "../system.ts";

const COMMON = `
global
  nbthread 1
  maxconn 8000
  tune.ssl.default-dh-param 2048
defaults
  timeout connect 10s
  timeout client 1h
  timeout server 1h
  maxconn 8000
  http-reuse always
  default-server pool-purge-delay 10m
`;

export const haproxy: System = {
  name: "haproxy",
  async start({ httpPort: toHttp, bulkPort: toBulk, certificate, folder }, reach) {
    await using undo = new AsyncDisposableStack();
    const [httpPort, httpsPort, bulkPort] = await Promise.all([freePort(), freePort(), freePort()]);
    const [innerHttp, innerBulk] = await Promise.all([freePort(), freePort()]);
    const [reachedHttp, reachedBulk] = await Promise.all([reach(innerHttp), reach(innerBulk)]);
    const crt = `ssl crt ${certificate.bundlePath}`;
    const ca = `ssl verify required ca-file ${certificate.certPath} verifyhost bench.test`;
    const outer = `${COMMON}
listen web
  mode http
  bind 127.0.0.1:${httpPort}
  bind 127.0.0.1:${httpsPort} ${crt}
  option forwardfor
  server inner 127.0.0.1:${reachedHttp} ${ca}
listen bulk
  mode tcp
  bind 127.0.0.1:${bulkPort}
  server inner 127.0.0.1:${reachedBulk} ${ca}
`;
    const inner = `${COMMON}
listen web
  mode http
  bind 127.0.0.1:${innerHttp} ${crt}
  server nginx 127.0.0.1:${toHttp}
listen bulk
  mode tcp
  bind 127.0.0.1:${innerBulk} ${crt}
  server iperf 127.0.0.1:${toBulk}
`;
    const agent = undo.use(await run(inner, join(folder, "haproxy-inner.cfg")));
    const edge = undo.use(await run(outer, join(folder, "haproxy-outer.cfg")));
    await agent.listensOn(innerHttp, innerBulk);
    await edge.listensOn(httpPort, httpsPort, bulkPort);
    const kept = undo.move();
    return {
      httpPort,
      httpsPort,
      bulkPort,
      processes: { edge: edge.pid, agent: agent.pid },
      [Symbol.asyncDispose]: () => kept.disposeAsync(),
    };
  },
};

async function run(config: string, path: string): Promise<Child> {
  await writeFile(path, config);
  return new Child(["haproxy", "-db", "-f", path]);
}

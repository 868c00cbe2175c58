/** Two haproxy in a row with TLS between them, one thread each: what a native proxy can do on the same way. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Child, freePort } from "../child.ts";
import { openFilesLimit } from "../open-files.ts";
import type { Place } from "../place.ts";
import { BASE_NAME, HTTP2_NAME } from "../public-name.ts";
import type { System } from "../system.ts";

/** A visitor takes two descriptors, and there are some others. */
const MAX_VISITORS = Math.floor((openFilesLimit() - 200) / 2);

const COMMON = `
global
  nbthread 1
  maxconn ${MAX_VISITORS}
  tune.ssl.default-dh-param 2048
defaults
  timeout connect 10s
  timeout client 1h
  timeout server 1h
  maxconn ${MAX_VISITORS}
  http-reuse always
  default-server pool-purge-delay 10m
`;

export const haproxy: System = {
  name: "haproxy",
  title: "two haproxy in a row, one thread each, TLS between them",
  async start({ httpPort: toHttp, http2Port: toHttp2, bulkPort: toBulk, certificate, folder }, { edge, agent }) {
    await using undo = new AsyncDisposableStack();
    const [httpPort, httpsPort, bulkPort] = await Promise.all([freePort(), freePort(), freePort()]);
    const [innerHttp, innerBulk] = await Promise.all([freePort(), freePort()]);
    const crt = `ssl crt ${certificate.bundlePath}`;
    const ca = `ssl verify required ca-file ${certificate.certPath} verifyhost ${BASE_NAME}`;
    const outer = `${COMMON}
frontend web
  mode http
  bind ${edge.listen}:${httpPort}
  bind ${edge.listen}:${httpsPort} ${crt} alpn h2,http/1.1
  option forwardfor
  use_backend http2 if { req.hdr(host),host_only ${HTTP2_NAME} }
  default_backend http
backend http
  mode http
  server inner ${agent.address}:${innerHttp} ${ca}
backend http2
  mode http
  server inner ${agent.address}:${innerHttp} ${ca} alpn h2
listen bulk
  mode tcp
  bind ${edge.listen}:${bulkPort}
  server inner ${agent.address}:${innerBulk} ${ca}
`;
    const inner = `${COMMON}
frontend web
  mode http
  bind ${agent.listen}:${innerHttp} ${crt} alpn h2,http/1.1
  use_backend http2 if { req.hdr(host),host_only ${HTTP2_NAME} }
  default_backend http
backend http
  mode http
  server nginx 127.0.0.1:${toHttp}
backend http2
  mode http
  server nginx 127.0.0.1:${toHttp2} proto h2
listen bulk
  mode tcp
  bind ${agent.listen}:${innerBulk} ${crt}
  server iperf 127.0.0.1:${toBulk}
`;
    const innerOne = undo.use(await run(inner, join(folder, "haproxy-inner.cfg"), agent));
    const outerOne = undo.use(await run(outer, join(folder, "haproxy-outer.cfg"), edge));
    await innerOne.listensOn(innerHttp, innerBulk);
    await outerOne.listensOn(httpPort, httpsPort, bulkPort);
    const kept = undo.move();
    return {
      address: edge.address,
      httpPort,
      httpsPort,
      bulkPort,
      programs: { edge: outerOne, agent: innerOne },
      [Symbol.asyncDispose]: () => kept.disposeAsync(),
    };
  },
};

async function run(config: string, path: string, place: Place): Promise<Child> {
  await writeFile(path, config);
  return new Child(["haproxy", "-db", "-f", path], {}, place);
}

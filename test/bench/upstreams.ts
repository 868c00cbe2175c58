/**
 * The private services behind every measured system: nginx, which answers by itself or asks push-upstream.ts, and a server of iperf3.
 */
import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Child, freePort, output } from "./child.ts";
import { HERE, type Place } from "./place.ts";
import { openFilesLimit } from "./open-files.ts";
import { BASE_NAME, HTTP2_NAME, PUBLIC_NAME, UPSTREAM_NAME } from "./public-name.ts";
import type { Upstreams } from "./system.ts";

/** Body of the small answer: what an API call returns. */
const SMALL_BYTES = 200;
export const LARGE_PATH = "/large";
export const LARGE_BYTES = 1024 * 1024;
/** More than all buffers on the way hold. */
export const HUGE_PATH = "/huge";
const HUGE_BYTES = 256 * 1024 * 1024;
/** Answers each message with itself. */
export const WEBSOCKET_PATH = "/websocket";
/** An event every 20 ms, whose data is the time at which it was sent. */
export const EVENTS_PATH = "/events";
/** Answers calls with a message of no bytes and success in the trailers. */
export const GRPC_PATH = "/bench.Echo/Say";
const GRPC_ANSWER = new Uint8Array(5);

const PUSH_PROGRAM = join(import.meta.dir, "push-upstream.ts");

export interface RunningUpstreams extends AsyncDisposable {
  readonly upstreams: Upstreams;
}

/** `folder` is for their files and those of the systems, and is the caller's. */
export async function startUpstreams(place: Place, folder: string): Promise<RunningUpstreams> {
  await using undo = new AsyncDisposableStack();
  const certificate = await makeCertificate(folder);
  const [httpPort, httpsPort, http2Port] = await Promise.all([freePort(), freePort(), freePort()]);
  const [bulkPort, pushPort] = await Promise.all([freePort(), freePort()]);
  const upstreams = { httpPort, httpsPort, http2Port, bulkPort, certificate, folder };
  await writeFile(join(folder, "large"), new Uint8Array(LARGE_BYTES).fill(97));
  await writeFile(join(folder, "huge"), "");
  await truncate(join(folder, "huge"), HUGE_BYTES);
  await writeFile(join(folder, "grpc"), GRPC_ANSWER);
  await writeFile(join(folder, "nginx.conf"), nginxConfig(upstreams, pushPort, place));
  const command = ["nginx", "-p", folder, "-c", join(folder, "nginx.conf"), "-e", "stderr"];
  const nginx = undo.use(new Child(command, {}, place));
  await nginx.listensOn(httpPort, httpsPort, http2Port);
  undo.use(new Child([process.execPath, "--no-env-file", PUSH_PROGRAM, String(pushPort)], {}, place));
  const here = place.listen === HERE.listen ? ["--bind", HERE.listen] : [];
  const iperf = undo.use(new Child(["iperf3", "--server", ...here, "--port", String(bulkPort)], {}, place));
  await iperf.listensOn(bulkPort);
  const kept = undo.move();
  return { upstreams, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function makeCertificate(folder: string): Promise<Upstreams["certificate"]> {
  const certPath = join(folder, "cert.pem");
  const keyPath = join(folder, "key.pem");
  const bundlePath = join(folder, "bundle.pem");
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", keyPath];
  const names = [PUBLIC_NAME, HTTP2_NAME, BASE_NAME, UPSTREAM_NAME].map((name) => `DNS:${name}`).join(",");
  const subject = ["-subj", `/CN=${PUBLIC_NAME}`, "-addext", `subjectAltName=${names}`];
  await output("openssl", "req", "-x509", ...key, ...subject, "-days", "2", "-out", certPath);
  await writeFile(bundlePath, (await Bun.file(certPath).text()) + (await Bun.file(keyPath).text()), { mode: 0o600 });
  return { certPath, keyPath, bundlePath };
}

function nginxConfig(
  { httpPort, httpsPort, http2Port, certificate, folder }: Upstreams,
  pushPort: number,
  { listen }: Place,
): string {
  return `
${process.getuid?.() === 0 ? "user root;" : ""}
daemon off;
worker_processes 1;
worker_rlimit_nofile ${openFilesLimit()};
pid ${folder}/nginx.pid;
events { worker_connections 60000; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000000;
  keepalive_timeout 3600s;
  server {
    listen ${listen}:${httpPort} backlog=4096;
    listen ${listen}:${httpsPort} ssl http2 backlog=4096;
    listen ${listen}:${http2Port} http2 backlog=4096;
    ssl_certificate ${certificate.certPath};
    ssl_certificate_key ${certificate.keyPath};
    location / { default_type application/json; return 200 '${"x".repeat(SMALL_BYTES)}'; }
    location ${LARGE_PATH} { root ${folder}; }
    location ${HUGE_PATH} { root ${folder}; }
    location ${GRPC_PATH} { error_page 405 =200 /grpc; return 405; }
    location = /grpc { internal; root ${folder}; default_type application/grpc; add_trailer grpc-status 0; }
    location ${WEBSOCKET_PATH} {
      proxy_pass http://127.0.0.1:${pushPort};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection Upgrade;
      proxy_read_timeout 1h;
    }
    location ${EVENTS_PATH} {
      proxy_pass http://127.0.0.1:${pushPort};
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_read_timeout 1h;
    }
  }
}
`;
}

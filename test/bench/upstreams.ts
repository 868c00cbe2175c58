/** The private services behind every measured system: nginx with http and https, and a server of iperf3. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Child, freePort, output } from "./child.ts";
import { PUBLIC_NAME, type Upstreams } from "./system.ts";

/** Body of the small answer: what an API call returns. */
const SMALL_BYTES = 200;
export const LARGE_PATH = "/large";
export const LARGE_BYTES = 1024 * 1024;

export interface RunningUpstreams extends AsyncDisposable {
  readonly upstreams: Upstreams;
}

export async function startUpstreams(): Promise<RunningUpstreams> {
  await using undo = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "ginnel-bench-"));
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  const certificate = await makeCertificate(folder);
  const [httpPort, httpsPort, bulkPort] = await Promise.all([freePort(), freePort(), freePort()]);
  const upstreams = { httpPort, httpsPort, bulkPort, certificate, folder };
  await writeFile(join(folder, "large"), new Uint8Array(LARGE_BYTES).fill(97));
  await writeFile(join(folder, "nginx.conf"), nginxConfig(upstreams));
  const nginx = undo.use(new Child(["nginx", "-p", folder, "-c", join(folder, "nginx.conf"), "-e", "stderr"]));
  await nginx.listensOn(httpPort, httpsPort);
  const iperf = undo.use(new Child(["iperf3", "--server", "--bind", "127.0.0.1", "--port", String(bulkPort)]));
  await iperf.listensOn(bulkPort);
  const kept = undo.move();
  return { upstreams, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function makeCertificate(folder: string): Promise<Upstreams["certificate"]> {
  const certPath = join(folder, "cert.pem");
  const keyPath = join(folder, "key.pem");
  const bundlePath = join(folder, "bundle.pem");
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", keyPath];
  const names = ["-subj", `/CN=${PUBLIC_NAME}`, "-addext", `subjectAltName=DNS:${PUBLIC_NAME},DNS:bench.test`];
  await output("openssl", "req", "-x509", ...key, ...names, "-days", "2", "-out", certPath);
  await writeFile(bundlePath, (await Bun.file(certPath).text()) + (await Bun.file(keyPath).text()), { mode: 0o600 });
  return { certPath, keyPath, bundlePath };
}

function nginxConfig({ httpPort, httpsPort, certificate, folder }: Upstreams): string {
  return `
${process.getuid?.() === 0 ? "user root;" : ""}
daemon off;
worker_processes 1;
worker_rlimit_nofile 20000;
pid ${folder}/nginx.pid;
events { worker_connections 10000; }
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
    listen 127.0.0.1:${httpPort} backlog=4096;
    listen 127.0.0.1:${httpsPort} ssl backlog=4096;
    ssl_certificate ${certificate.certPath};
    ssl_certificate_key ${certificate.keyPath};
    location / { default_type application/json; return 200 '${"x".repeat(SMALL_BYTES)}'; }
    location ${LARGE_PATH} { root ${folder}; }
  }
}
`;
}

/** The upstreams that an http tunnel can have: TLS, IPv6, socket files, folders. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, symlink } from "node:fs/promises";
import { createServer as createTlsServer, type Server as TlsServer } from "node:tls";
import { curl, type Curled } from "../support/curl.ts";
import { PlayedUpstream } from "../support/played-upstream.ts";
import { rawVisitor } from "../support/raw-end.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { makeTestCertificates, type TestCertificates, type TestIdentity } from "../support/test-certificates.ts";
import { LAYOUTS, START_MS, TunnelSystem } from "../support/tunnel-system.ts";

const SECRET = "must not get out";
const BYTES = Uint8Array.from({ length: 1000 }, (_, i) => i);

/** Answers every request with the name that the handshake brought. */
async function sniServer(
  { certPem, keyPem }: TestIdentity,
  hostname = "127.0.0.1",
): Promise<TlsServer & { port: number }> {
  const server = createTlsServer({ cert: certPem, key: keyPem }, (socket) => {
    socket.on("error", () => {});
    socket.on("data", () => {
      const text = `name ${JSON.stringify(socket.servername)}`;
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, hostname, resolve);
  });
  const address = server.address();
  return Object.assign(server, { port: typeof address === "object" && address !== null ? address.port : 0 });
}

describe.each(LAYOUTS)("Through %s", (layout) => {
  let certificates: TestCertificates;
  let folder: TemporaryFolder;
  let signed: TlsServer & { port: number };
  let stranger: TlsServer & { port: number };
  let onSix: Bun.Server<undefined>;
  let onSocket: Bun.Server<undefined>;
  let raw: PlayedUpstream;
  let system: TunnelSystem;
  beforeAll(async () => {
    certificates = await makeTestCertificates();
    folder = new TemporaryFolder();
    await mkdir(folder.file("served/sub dir"), { recursive: true });
    await Promise.all([
      Bun.write(folder.file("authority.pem"), certificates.caPem),
      Bun.write(folder.file("served/page.html"), "<h1>page"),
      Bun.write(folder.file("served/bytes"), BYTES),
      Bun.write(folder.file("served/sub dir/a&b.txt"), "inside"),
      Bun.write(folder.file("secret"), SECRET),
    ]);
    await symlink("../secret", folder.file("served/way-out"));
    signed = await sniServer(certificates.server);
    stranger = await sniServer(certificates.stranger);
    const answer = (): Response => new Response("there");
    onSix = Bun.serve({ hostname: "::1", port: 0, fetch: answer });
    onSocket = Bun.serve({ unix: folder.file("socket"), fetch: answer });
    raw = new PlayedUpstream();
    const cas = { upstream_tls_verify_cas: folder.file("authority.pem") };
    system = await TunnelSystem.start(layout, {
      "tls-any": { addr: `https://127.0.0.1:${stranger.port}` },
      "tls-name": { addr: `https://localhost:${stranger.port}` },
      "tls-verified": { addr: `https://127.0.0.1:${stranger.port}`, upstream_tls_verify: true },
      "tls-trusted": { addr: `https://127.0.0.1:${signed.port}`, upstream_tls_verify: true, ...cas },
      "tls-wrong-name": { addr: `https://localhost:${signed.port}`, upstream_tls_verify: true, ...cas },
      "tls-stranger": { addr: `https://127.0.0.1:${stranger.port}`, upstream_tls_verify: true, ...cas },
      six: { addr: `[::1]:${onSix.port}` },
      localhost: { addr: `localhost:${onSix.port}` },
      port: { addr: onSix.port ?? 0 },
      socket: { addr: `unix:${folder.file("socket")}` },
      files: { addr: `file://${folder.file("served")}` },
      proxied: { addr: raw.addr, proxy_proto: "1" },
    });
  }, START_MS);
  afterAll(async () => {
    await system[Symbol.asyncDispose]();
    signed.close();
    stranger.close();
    await Promise.all([onSix.stop(true), onSocket.stop(true)]);
    raw[Symbol.dispose]();
    folder[Symbol.dispose]();
  });

  const get = (label: string, path = "/", ...args: readonly string[]): Promise<Curled> =>
    curl(system.place(label), path, ...args);

  test.each([
    ["any certificate when it is not to be verified", "tls-any", "name "],
    ["the name of its host in the handshake", "tls-name", 'name "localhost"'],
    ["a certificate of the authorities given", "tls-trusted", "name "],
  ])("an https upstream is reached with %s", async (_, label, text) => {
    expect((await get(label)).stdout).toStartWith(text);
  });

  test.each([
    ["no authority of this machine signed", "tls-verified"],
    ["another authority signed", "tls-stranger"],
    ["is for another name", "tls-wrong-name"],
  ])("an https upstream whose certificate %s is refused when it is to be verified", async (_, label) => {
    const { stdout } = await get(label, "/", "-i");
    expect(stdout).toStartWith("HTTP/1.1 502 Bad Gateway\r\n");
    expect(stdout).toContain("\r\nNgrok-Error-Code: ERR_NGROK_8012\r\n");
    expect(stdout).toContain("the TLS handshake failed");
  });

  test.each([
    ["an IPv6 address", "six"],
    ["localhost that listens on IPv6 only", "localhost"],
    ["a port that listens on IPv6 only", "port"],
    ["a socket file", "socket"],
  ])("an upstream on %s is reached", async (_, label) => {
    expect((await get(label)).stdout).toBe("there");
  });

  test("the upstream is told of the visitor with a PROXY header in front of the first request only", async () => {
    const place = system.place("proxied", "http");
    const visitor = await rawVisitor(place);
    visitor.send(`GET /1 HTTP/1.1\r\nHost: ${place.authority}\r\n\r\n`);
    const server = await raw.accept();
    const [, port] =
      /^PROXY TCP4 127\.0\.0\.1 127\.0\.0\.1 (\d+) \d+\r\nGET \/1 /.exec(await server.gets("\r\n\r\n")) ?? [];
    expect(Number(port)).toBeGreaterThan(0);
    server.send("HTTP/1.1 204 No Content\r\n\r\n");
    await visitor.gets("\r\n\r\n");
    visitor.send(`GET /2 HTTP/1.1\r\nHost: ${place.authority}\r\n\r\n`);
    await server.gets("GET /2");
    expect(server.heard.text.match(/PROXY/g)).toHaveLength(1);
    visitor.connection.reset();
  });

  describe("a folder", () => {
    test("is listed, and its names lead to what they say", async () => {
      const { stdout } = await get("files");
      expect(stdout).toContain('href="./sub%20dir/"');
      expect((await get("files", "/sub%20dir/")).stdout).toContain('href="./a%26b.txt">a&amp;b.txt</a>');
      expect((await get("files", "/sub%20dir/a&b.txt")).stdout).toBe("inside");
    });

    test("sends a folder without its slash to where names inside are right", async () => {
      const { stdout } = await get("files", "/sub%20dir", "-o", "/dev/null", "-w", "%{http_code} %{redirect_url}");
      expect(stdout).toBe(`301 https://${system.place("files").authority}/sub%20dir/`);
    });

    test("tells curl -I the type and length without the body", async () => {
      const { stdout } = await get("files", "/page.html", "-I");
      expect(stdout).toStartWith("HTTP/1.1 200 OK\r\n");
      expect(stdout).toMatch(/^Content-Type: text\/html; charset=utf-8\r$/m);
      expect(stdout).toMatch(/^Content-Length: 8\r$/m);
    });

    test.each([
      ["10-19", 206, "bytes 10-19/1000", BYTES.slice(10, 20)],
      ["990-", 206, "bytes 990-999/1000", BYTES.slice(990)],
      ["-5", 206, "bytes 995-999/1000", BYTES.slice(995)],
      ["1000-", 416, "bytes */1000", undefined],
    ] as const)("sends the range %s", async (range, status, contentRange, expected) => {
      const head = folder.file("head");
      const body = folder.file("body");
      await get("files", "/bytes", "-r", range, "-D", head, "-o", body);
      const answered = await Bun.file(head).text();
      expect(answered).toStartWith(`HTTP/1.1 ${status} `);
      expect(answered).toContain(`\r\nContent-Range: ${contentRange}\r\n`);
      if (expected !== undefined) expect(await Bun.file(body).bytes()).toEqual(expected);
    });

    test("is continued where a download broke off", async () => {
      const part = folder.file("part");
      await Bun.write(part, BYTES.slice(0, 400));
      expect((await get("files", "/bytes", "-C", "-", "-o", part)).code).toBe(0);
      expect(await Bun.file(part).bytes()).toEqual(BYTES);
    });

    test.each([
      "/../secret",
      "/%2e%2e/secret",
      "/..%2fsecret",
      "/sub%20dir/../../secret",
      "/..%5csecret",
      "/..\\secret",
      "/%00",
      "/way-out",
      "//etc/passwd",
      "/bytes/../../secret",
      "/%c0%ae%c0%ae/secret",
    ])("has no way out by %s", async (path) => {
      const { stdout } = await get("files", path, "-i");
      expect(stdout).toMatch(/^HTTP\/1\.1 4\d\d /);
      expect(stdout).not.toContain(SECRET);
    });

    test("takes nothing", async () => {
      const { stdout } = await get("files", "/page.html", "-T", folder.file("secret"), "-i");
      expect(stdout).toContain("HTTP/1.1 405 Method Not Allowed\r\n");
      expect((await get("files", "/page.html")).stdout).toBe("<h1>page");
    });
  });
});

/** The file server as curl and hostile visitors see it. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, readlink, rm, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileServer, MAX_ANSWERS } from "../../../../src/agent/upstream/file-server/file-server.ts";
import { MAX_ENTRIES } from "../../../../src/agent/upstream/file-server/folder-page.ts";
import type { CloseCause, Duplex } from "../../../../src/net/duplex.ts";
import { nodeStream } from "../../../../src/net/node-stream.ts";
import { pipe } from "../../../../src/net/pipe.ts";
import { noLog } from "../../../../src/telemetry/logger.ts";
import { settles } from "../../../support/process-holdings.ts";

const BIG_BYTES = 20 * 1024 * 1024;
const HOSTILE_NAME = `<img src=x onerror="alert(1)">&'`;

let base = "";
let url = "";
let files: FileServer;
let listener: Server;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "ginnel-files-"));
  const folder = join(base, "served");
  await mkdir(join(folder, "with index"), { recursive: true });
  await mkdir(join(folder, "list/sub"), { recursive: true });
  await writeFile(join(folder, "hello.txt"), "hello world");
  await utimes(join(folder, "hello.txt"), 1_700_000_000, 1_700_000_000);
  await writeFile(join(folder, "empty.txt"), "");
  await writeFile(join(folder, "LICENSE"), "plain words");
  await writeFile(join(folder, ".hidden"), "shown");
  await writeFile(join(folder, "with index/index.html"), "<p>index");
  await writeFile(join(folder, "list/b.txt"), "12345");
  await writeFile(join(folder, "list/a:b.txt"), "");
  await writeFile(join(folder, "list", HOSTILE_NAME), "");
  await writeFile(join(folder, "big.bin"), new Uint8Array(BIG_BYTES).fill(97));
  await writeFile(join(base, "secret"), "TOP SECRET");
  await symlink("../secret", join(folder, "way-out"));
  await symlink("../../secret", join(folder, "list/way-out"));
  files = new FileServer(folder, noLog);
  listener = createServer({ allowHalfOpen: true }, (socket) => {
    const [near, far] = pipe();
    files.serve(far);
    const stream = nodeStream(near);
    socket.on("error", () => stream.destroy());
    stream.on("error", () => socket.resetAndDestroy());
    socket.pipe(stream).pipe(socket);
  });
  const ready = Promise.withResolvers<void>();
  listener.listen(0, "127.0.0.1", () => ready.resolve());
  await ready.promise;
  url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`; // it listens on TCP, so it is no path
});

afterAll(async () => {
  listener.close();
  await rm(base, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Sends the path as it stands. */
async function curl(path: string, ...args: readonly string[]): Promise<Answer> {
  const run = Bun.spawn(["curl", "-sS", "-i", "--path-as-is", "--max-time", "20", ...args, url + path], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const [text, exitCode] = await Promise.all([new Response(run.stdout).text(), run.exited]);
  if (exitCode !== 0) throw new Error(`curl ended with ${exitCode}`);
  const headEnd = text.indexOf("\r\n\r\n");
  const [statusLine = "", ...lines] = text.slice(0, headEnd).split("\r\n");
  const headers = lines
    .map((line) => /^([^:]+): ?(.*)$/.exec(line))
    .map((m) => [m?.[1]?.toLowerCase() ?? "", m?.[2] ?? ""] as const);
  return { status: Number(statusLine.split(" ")[1]), headers: new Map(headers), body: text.slice(headEnd + 4) };
}

/** What comes back for these bytes, until the server ends or breaks the connection. */
async function exchange(bytes: string): Promise<{ text: string; cause: CloseCause | undefined }> {
  const [near, far] = pipe();
  files.serve(far);
  const closed = Promise.withResolvers<CloseCause | undefined>();
  let text = "";
  near.listen({
    onData: (piece) => (text += Buffer.from(piece).toString("latin1")),
    onDrain: () => {},
    onEnd: () => near.end(),
    onClose: closed.resolve,
  });
  near.write(Buffer.from(bytes, "latin1"));
  return { cause: await closed.promise, text };
}

describe("FileServer", () => {
  test("serves a file with type, length, version and date", async () => {
    const { status, headers, body } = await curl("/hello.txt");
    expect({ status, body }).toEqual({ status: 200, body: "hello world" });
    expect(headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(headers.get("content-length")).toBe("11");
    expect(headers.get("last-modified")).toBe("Tue, 14 Nov 2023 22:13:20 GMT");
    expect(headers.get("etag")).toMatch(/^"[0-9a-z-]+"$/);
    expect(headers.get("accept-ranges")).toBe("bytes");
  });

  test.each([
    ["/hello.txt?x=../..", "hello world"],
    ["/%68ello.txt", "hello world"],
    ["/LICENSE", "plain words"],
    ["/.hidden", "shown"],
    ["/empty.txt", ""],
    ["/with%20index/", "<p>index"],
  ])("serves %s", async (path, body) => {
    expect(await curl(path)).toMatchObject({ status: 200, body });
  });

  test("answers HEAD with the head alone", async () => {
    const { status, headers, body } = await curl("/hello.txt", "--head");
    expect({ status, body, length: headers.get("content-length") }).toEqual({ status: 200, body: "", length: "11" });
  });

  test.each([
    ["0-4", 206, "hello", "bytes 0-4/11"],
    ["-5", 206, "world", "bytes 6-10/11"],
    ["6-", 206, "world", "bytes 6-10/11"],
    ["0-1,3-4", 200, "hello world", undefined],
  ])("sends the range %s", async (range, status, body, contentRange) => {
    const answer = await curl("/hello.txt", "-r", range);
    expect({ ...answer, headers: answer.headers.get("content-range") }).toEqual({
      status,
      body,
      headers: contentRange,
    });
  });

  test("refuses a range behind the end and names the size", async () => {
    const { status, headers } = await curl("/hello.txt", "-r", "11-");
    expect({ status, range: headers.get("content-range") }).toEqual({ status: 416, range: "bytes */11" });
  });

  test("knows the version that a visitor already has", async () => {
    const etag = (await curl("/hello.txt")).headers.get("etag") ?? "";
    expect(await curl("/hello.txt", "-H", `If-None-Match: ${etag}`)).toMatchObject({ status: 304, body: "" });
    expect(await curl("/hello.txt", "-H", `If-Match: "other"`)).toMatchObject({ status: 412 });
    const stale = await curl("/hello.txt", "-r", "0-4", "-H", `If-Range: "other"`);
    expect(stale).toMatchObject({ status: 200, body: "hello world" });
    const fresh = await curl("/hello.txt", "-r", "0-4", "-H", `If-Range: ${etag}`);
    expect(fresh).toMatchObject({ status: 206, body: "hello" });
  });

  test("shows a folder: folders first, sizes, escaped names, links that a colon does not bend", async () => {
    const { status, headers, body } = await curl("/list/");
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    const links = [...body.matchAll(/href="([^"]*)"/g)].map((match) => match[1]);
    expect(links).toEqual([
      "../",
      "./sub/",
      `./${encodeURIComponent(HOSTILE_NAME).replaceAll("'", "&#39;")}`,
      "./a%3Ab.txt",
      "./b.txt",
      "./way-out",
    ]);
    expect(body).not.toContain("<img");
    expect(body).toMatch(/b\.txt<\/a>\s*<\/td>\s*<td>5<\/td>/);
    expect(body).toMatch(/way-out<\/a>\s*<\/td>\s*<td><\/td>/);
  });

  test("shows no more than a bounded part of a huge folder", async () => {
    const huge = join(base, "served/huge");
    await mkdir(huge);
    const names = Array.from({ length: MAX_ENTRIES + 1 }, (_, index) => join(huge, `f${index}`));
    await Promise.all(names.map((name) => writeFile(name, "")));
    const { body } = await curl("/huge/");
    await rm(huge, { recursive: true });
    expect(body.match(/href=".\/f/g)).toHaveLength(MAX_ENTRIES);
    expect(body).toContain("There is more");
  }, 20_000);

  test.each([
    ["/list", "/list/"],
    ["/with%20index?x=1", "/with%20index/?x=1"],
    ["//list", "/list/"],
    ["/hello.txt/", "/hello.txt"],
  ])("redirects %s to %s", async (path, location) => {
    const { status, headers } = await curl(path);
    expect({ status, location: headers.get("location") }).toEqual({ status: 301, location });
  });

  test.each([
    ["/nothing", 404],
    ["/hello.txt/x", 404],
    ["/way-out", 403],
    ["/list/way-out", 403],
    ["/../secret", 400],
    ["/list/../../secret", 400],
    ["/%2e%2e/secret", 400],
    ["/%2e%2e%2fsecret", 400],
    ["/..%5csecret", 400],
    ["/..\\secret", 400],
    ["/hello.txt%00", 400],
    ["/%252e%252e/secret", 404],
    ["/%c0%ae%c0%ae/secret", 400],
    ["/....//secret", 404],
  ])("refuses %s with %d", async (path, expected) => {
    const { status, body } = await curl(path);
    expect(status).toBe(expected);
    expect(body).not.toContain("TOP SECRET");
    expect(body).not.toContain(base);
  });

  test.each(["POST", "PUT", "DELETE", "OPTIONS"])("refuses %s and names what it does", async (method) => {
    const { status, headers } = await curl("/hello.txt", "-X", method);
    expect({ status, allow: headers.get("allow") }).toEqual({ status: 405, allow: "GET, HEAD" });
  });

  test("answers requests in their order, also after one whose body it does not want", async () => {
    const body = "x".repeat(300_000);
    const { text } = await exchange(
      `GET /big.bin HTTP/1.1\r\nHost: x\r\nRange: bytes=0-99999\r\n\r\n` +
        `POST /hello.txt HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}` +
        `HEAD /hello.txt HTTP/1.1\r\nHost: x\r\n\r\n` +
        `GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    );
    expect([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1])).toEqual(["206", "405", "200", "404"]);
  });

  test("ends the connection in order when the visitor asks for it", async () => {
    const { text, cause } = await exchange("GET /hello.txt HTTP/1.0\r\n\r\n");
    expect(cause).toBeUndefined();
    expect(text).toEndWith("hello world");
  });

  test("answers what is not HTTP with 400", async () => {
    const { text } = await exchange("\x16\x03\x01 nonsense\r\n\r\n");
    expect(text).toStartWith("HTTP/1.1 400 ");
  });

  test("sends a large file whole", async () => {
    const run = Bun.spawn(["sh", "-c", `curl -sS --max-time 20 ${url}/big.bin | cksum`], { stdout: "pipe" });
    const expected = Bun.spawn(["cksum", join(base, "served/big.bin")], { stdout: "pipe" });
    const [sum, wanted] = await Promise.all([run, expected].map((child) => new Response(child.stdout).text()));
    expect(sum?.trim()).toBe(wanted?.split(" ").slice(0, 2).join(" ") ?? "");
  }, 30_000);

  test("reads no further than a visitor who does not read lets it, and closes the file when he leaves", async () => {
    const [near, far] = pipe();
    files.serve(far);
    const first = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<void>();
    let bytes = 0;
    near.listen({
      onData: (piece) => {
        bytes += piece.length;
        near.pause();
        first.resolve();
      },
      onDrain: () => {},
      onEnd: () => {},
      onClose: () => closed.resolve(),
    });
    near.write(Buffer.from("GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n"));
    await first.promise;
    // A whole other exchange passes meanwhile, which gives the first one every chance to go on.
    expect(await curl("/big.bin", "-r", "0-999999")).toMatchObject({ status: 206 });
    expect(bytes).toBeLessThan(BIG_BYTES / 2);
    near.reset();
    await closed.promise;
  });

  test("breaks the connection when a file gets shorter while it is sent", async () => {
    const path = join(base, "served/shrinking.bin");
    await writeFile(path, new Uint8Array(BIG_BYTES));
    const [near, far] = pipe();
    files.serve(far);
    const cause = Promise.withResolvers<CloseCause | undefined>();
    let shrunk = false;
    near.listen({
      onData: () => {
        if (shrunk) return;
        shrunk = true;
        near.pause();
        void truncate(path, 1000).then(() => near.resume());
      },
      onDrain: () => {},
      onEnd: () => near.end(),
      onClose: cause.resolve,
    });
    near.write(Buffer.from("GET /shrinking.bin HTTP/1.1\r\nHost: x\r\n\r\n"));
    expect(await cause.promise).toBeDefined();
  });

  describe("among many visitors who do not read", () => {
    const stuck: Duplex[] = [];
    const folder = (): string => join(base, "served/big index");
    beforeAll(async () => {
      await mkdir(folder());
      await writeFile(join(folder(), "index.html"), new Uint8Array(BIG_BYTES).fill(97));
    });
    afterEach(() => {
      for (const visitor of stuck.splice(0)) visitor.reset();
    });

    /** How many files below the folder, and the folder itself, this process has open. */
    async function opened(): Promise<number> {
      const links = (await readdir("/proc/self/fd")).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ""));
      return (await Promise.all(links)).filter((path) => path.startsWith(folder())).length;
    }

    /** Visitors who ask, and read the head of an answer at most. */
    function visitors(count: number, requests = 1): void {
      for (let index = 0; index < count; index += 1) {
        const [near, far] = pipe();
        files.serve(far);
        near.listen({ onData: () => near.pause(), onDrain: () => {}, onEnd: () => {}, onClose: () => {} });
        near.write(Buffer.from("GET /big%20index/ HTTP/1.1\r\nHost: x\r\n\r\n".repeat(requests)));
        stuck.push(near);
      }
    }

    const answer = async (): Promise<string> => {
      const { text } = await exchange("GET /hello.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      return text;
    };

    test.each([
      ["with a request each", MAX_ANSWERS, 1],
      ["with several requests in one piece", MAX_ANSWERS / 100, 100],
    ])(
      "opens a file for so many of them, %s, answers 503 beyond, and everybody when they have left",
      async (_, count, requests) => {
        visitors(count, requests);
        await settles(opened, MAX_ANSWERS);
        const refused = await answer();
        expect(refused).toStartWith("HTTP/1.1 503 Service Unavailable\r\n");
        expect(refused).toMatch(/\r\nRetry-After: 1\r\n[^]*Too many files are being read here/i);
        stuck.shift()?.reset();
        await settles(async () => (await answer()).startsWith("HTTP/1.1 200 "), true);
        for (const visitor of stuck.splice(0)) visitor.reset();
        await settles(opened, 0);
      },
      60_000,
    );
  });
});

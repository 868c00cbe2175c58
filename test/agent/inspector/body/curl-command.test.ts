import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Socket, TCPSocketListener } from "bun";
import { curlCommand, type CurlRequest } from "../../../../src/agent/inspector/body/curl-command.ts";
import { latin1, latin1Bytes, readRawMessage } from "../../../../src/agent/inspector/body/raw-message.ts";

const REQUEST: CurlRequest = {
  baseUrl: "https://x.example.org",
  method: "GET",
  target: "/",
  version: "HTTP/1.1",
  fields: [
    ["Host", "x.example.org"],
    ["User-Agent", "test"],
    ["Accept", "*/*"],
  ],
  body: new Uint8Array(),
  isPublic: true,
};

describe("curlCommand", () => {
  test("curlCommand writes a request on several lines", () => {
    const command = curlCommand({
      ...REQUEST,
      method: "POST",
      target: "/a?b='c'&d=$e",
      fields: [...REQUEST.fields, ["Content-Type", "application/json"], ["X-Empty", ""], ["Content-Length", "7"]],
      body: latin1Bytes('{"a":1}'),
    });
    expect(command).toBe(
      [
        String.raw`curl 'https://x.example.org/a?b='\''c'\''&d=$e' \ `.trimEnd(),
        String.raw`  --http1.1 --request POST \ `.trimEnd(),
        String.raw`  -H 'User-Agent: test' \ `.trimEnd(),
        String.raw`  -H 'Accept: */*' \ `.trimEnd(),
        String.raw`  -H 'Content-Type: application/json' \ `.trimEnd(),
        String.raw`  -H 'X-Empty;' \ `.trimEnd(),
        `  --data-raw '{"a":1}'`,
      ].join("\n"),
    );
  });

  test.each<[name: string, change: Partial<CurlRequest>, part: string]>([
    ["another method", { method: "DELETE" }, "--request DELETE"],
    ["HEAD", { method: "HEAD" }, "--http1.1 --head"],
    ["HTTP/1.0", { version: "HTTP/1.0" }, "--http1.0"],
    ["no agent", { fields: [] }, "-H 'User-Agent:' \\\n  -H 'Accept:'"],
    ["another host", { fields: [["Host", "inner:8080"]] }, "-H 'Host: inner:8080'"],
    ["dots in the path", { target: "/a/../b" }, "--path-as-is"],
    ["brackets", { target: "/?a[]=1" }, "--globoff"],
    ["a star", { method: "OPTIONS", target: "*" }, "https://x.example.org/ --request-target '*'"],
    ["a hash in the target", { target: "/a#b" }, "--request-target '/a#b'"],
    ["octets in the target", { target: "/\xff" }, "--request-target \"$(printf '/\\377')\""],
    ["bytes for a body", { method: "POST", body: latin1Bytes("\0\x01") }, "printf %s AAE= | base64 -d | curl "],
    ["a body that decides on its length only", { method: "POST", fields: [["Content-Length", "0"]] }, "--data-raw ''"],
    ["a large body", { method: "POST", body: new Uint8Array(2_000_000).fill(97) }, "-H 'Expect:'"],
    ["compressed answers", { fields: [["Accept-Encoding", "gzip, br"]] }, "--compressed"],
    [
      "a private address",
      { isPublic: false, fields: [["X-Forwarded-For", "1.2.3.4"]] },
      "-H 'X-Forwarded-For: 1.2.3.4'",
    ],
  ])("curlCommand knows %s", (_, change, part) => {
    expect(curlCommand({ ...REQUEST, ...change })).toContain(part);
  });

  test.each<[name: string, field: readonly [string, string]]>([
    ["what the edge adds", ["X-Forwarded-For", "1.2.3.4"]],
    ["a name that is none", ["@/etc/passwd", "x"]],
    ["a name with a line break", ["X\r\nY", "x"]],
  ])("curlCommand leaves out %s", (_, field) => {
    expect(curlCommand({ ...REQUEST, fields: [...REQUEST.fields, field] })).toBe(curlCommand(REQUEST));
  });
});

test("curlCommand lets curl count the body", () => {
  const fields = [...REQUEST.fields, ["content-length", "5"]] as const;
  expect(curlCommand({ ...REQUEST, method: "POST", fields, body: latin1Bytes("hello") })).not.toContain("ength");
});

/** Keeps what each connection sent, and answers when the request has come in whole. */
describe("curlCommand run by a shell", () => {
  const sent: Buffer[] = [];
  let waiting: ((raw: Uint8Array) => void) | undefined;
  let port: TCPSocketListener;

  function take(socket: Socket, chunk: Buffer): void {
    sent.push(Buffer.from(chunk));
    const raw = new Uint8Array(Buffer.concat(sent));
    if (!isWhole(raw)) return;
    sent.length = 0;
    socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    waiting?.(raw);
  }

  beforeAll(() => {
    port = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: take } });
  });
  afterAll(() => port.stop(true));

  async function run(change: Partial<CurlRequest>): Promise<Uint8Array> {
    const baseUrl = `http://127.0.0.1:${port.port}`;
    const arrived = new Promise<Uint8Array>((resolve) => (waiting = resolve));
    const command = curlCommand({ ...REQUEST, baseUrl, ...change });
    // By standard input, as it is pasted: one argument could not hold a megabyte.
    const child = Bun.spawn(["sh"], {
      env: { PATH: process.env["PATH"] },
      stdin: new Blob([`curl() { command curl -q -sS -m 20 --noproxy '*' "$@"; }\n${command}\n`]),
      stdout: "ignore",
      stderr: "pipe",
    });
    const [code, complaint] = await Promise.all([child.exited, child.stderr.text()]);
    expect([code, complaint]).toEqual([0, ""]);
    return arrived;
  }

  const FIELDS: CurlRequest["fields"] = [
    ["Host", "some.host"],
    ["User-Agent", ""],
    ["x-lower", 'it\'s $HOME `id` "q" \\ %s'],
    ["X-Twice", "1"],
    ["X-Twice", "2"],
    ["X-Utf8", "caf\xc3\xa9"],
    ["X-Octets", "\xe9\xff%"],
    ["Accept", "*/*"],
  ];

  test.each<[name: string, change: Partial<CurlRequest>]>([
    ["a plain request", {}],
    ["a target with everything", { target: "/a/../b/./%2e%2e/?x[]={1,2}&y='\"$HOME`id`!\\^|~&z=%00" }],
    ["octets in the target", { target: "/caf\xe9?x=\xff#y" }],
    ["a text", { method: "POST", body: latin1Bytes("@file 'x' \"y\" $z\nline\n\n") }],
    ["bytes", { method: "PUT", body: Uint8Array.from({ length: 256 }, (_, i) => i) }],
    ["tabs and carriage returns", { method: "PATCH", body: latin1Bytes("a\tb\r\nc\x1b[0m") }],
    ["a megabyte", { method: "POST", body: new Uint8Array(1_100_000).fill(0x61) }],
    ["a method of its own", { method: "PROPFIND", body: latin1Bytes("<x/>") }],
  ])("curlCommand sends %s again, byte for byte", async (_, change) => {
    const raw = await run({ ...change, fields: FIELDS });
    const { method = "GET", target = "/", body = new Uint8Array() } = change;
    const message = readRawMessage(raw);
    expect(message.startLine).toBe(`${method} ${target} HTTP/1.1`);
    const own = new Set(["content-length"]);
    const asFields = [...message.fields].filter(([name]) => !own.has(name.toLowerCase()));
    expect(asFields).toEqual([...FIELDS]);
    expect(latin1(raw.subarray(message.bodyStart)) === latin1(body)).toBe(true);
  });
});

function isWhole(raw: Uint8Array): boolean {
  const { fields, bodyStart } = readRawMessage(raw);
  const length = Number(fields.find(([name]) => name.toLowerCase() === "content-length")?.[1] ?? 0);
  return raw.length - bodyStart >= length && latin1(raw.subarray(bodyStart - 2, bodyStart)) === "\r\n";
}

/** The Host header that the upstream sees, and how answers that name it lead back to the endpoint. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { PlayedUpstream } from "../support/played-upstream.ts";
import { rawVisitor } from "../support/raw-end.ts";
import { LAYOUTS, SCHEMES, type Scheme, START_MS, TunnelSystem } from "../support/tunnel-system.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

describe.each(LAYOUTS)("Through %s", (layout) => {
  let upstream: PlayedUpstream;
  let system: TunnelSystem;
  beforeAll(async () => {
    upstream = new PlayedUpstream();
    const { addr } = upstream;
    system = await TunnelSystem.start(layout, {
      absent: { addr },
      preserved: { addr, host_header: "preserve" },
      empty: { addr, host_header: "" },
      rewritten: { addr, host_header: "rewrite" },
      valued: { addr, host_header: "Inside.test:8080" },
    });
  }, START_MS);
  afterAll(async () => {
    await system[Symbol.asyncDispose]();
    upstream[Symbol.dispose]();
  });

  /** What the upstream is asked, and what the visitor gets for its answer. */
  async function exchange(
    label: string,
    scheme: Scheme,
    { fields = "", response = OK }: { readonly fields?: string; readonly response?: string } = {},
  ): Promise<{ readonly asked: string; readonly answered: string }> {
    const place = system.place(label, scheme);
    const visitor = await rawVisitor(place);
    visitor.send(`GET /x HTTP/1.1\r\nA: 1\r\nhOst:  ${place.authority} \r\n${fields}B: 2\r\n\r\n`);
    const server = await upstream.accept();
    const asked = await server.gets("\r\n\r\n");
    server.send(response);
    await visitor.gets("\r\n\r\n");
    const answered = visitor.heard.text;
    visitor.connection.reset();
    server.connection.reset();
    return { asked, answered };
  }

  describe.each(SCHEMES)("over %s", (scheme) => {
    test.each(["absent", "preserved", "empty"])("the Host header stays when its setting is %s", async (label) => {
      const { asked } = await exchange(label, scheme);
      const { authority } = system.place(label, scheme);
      expect(asked).toStartWith(`GET /x HTTP/1.1\r\nA: 1\r\nhOst:  ${authority} \r\nB: 2\r\n`);
      expect(asked).toContain(`\r\nX-Forwarded-Host: ${authority}\r\n`);
      expect(asked).not.toContain("X-Original-Host");
    });

    test.each([
      ["rewritten", (): string => upstream.addr],
      ["valued", (): string => "Inside.test:8080"],
    ])("the Host header is %s in its place, and the visitor's is told", async (label, host) => {
      const { asked } = await exchange(label, scheme);
      const { authority } = system.place(label, scheme);
      expect(asked).toStartWith(`GET /x HTTP/1.1\r\nA: 1\r\nhOst:  ${host()} \r\nB: 2\r\n`);
      expect(asked).toContain(`\r\nX-Forwarded-Host: ${authority}\r\n`);
      expect(asked).toContain(`\r\nX-Original-Host: ${authority}\r\n`);
    });

    test("what a visitor says of its original host does not count", async () => {
      const { asked } = await exchange("valued", scheme, { fields: "x-original-host: lie.test\r\n" });
      expect(asked.match(/x-original-host: .*/gi)).toEqual([
        `x-original-host: ${system.place("valued", scheme).authority}`,
      ]);
    });

    test.each([
      ["http://inside.test:8080/login?a=1#b", "PUBLIC/login?a=1#b"],
      ["https://inside.test:8080/", "PUBLIC/"],
      ["//inside.test:8080/x", "PUBLIC/x"],
      ["http://inside.test:8080", "PUBLIC"],
      ["/relative", "/relative"],
      ["http://elsewhere.test:8080/", "http://elsewhere.test:8080/"],
      ["http://inside.test:9090/", "http://inside.test:9090/"],
      ["http://inside.test:8080.evil.test/", "http://inside.test:8080.evil.test/"],
    ])("Location %s becomes %s", async (sent, expected) => {
      const naming = (location: string): string =>
        `HTTP/1.1 302 Found\r\nX: http://inside.test:8080/\r\nlocation: ${location}\r\nContent-Length: 0\r\n\r\n`;
      const { answered } = await exchange("valued", scheme, { response: naming(sent) });
      const { authority } = system.place("valued", scheme);
      expect(answered).toBe(naming(expected.replace("PUBLIC", `${scheme}://${authority}`)));
    });

    test("Location stays where the Host header stays", async () => {
      const response = `HTTP/1.1 302 Found\r\nLocation: http://${upstream.addr}/\r\nContent-Length: 0\r\n\r\n`;
      expect((await exchange("absent", scheme, { response })).answered).toBe(response);
    });

    test("a target in absolute form loses the host that the upstream is not to see", async () => {
      const place = system.place("valued", scheme);
      const visitor = await rawVisitor(place);
      visitor.send(`GET ${scheme}://${place.authority}/x?y HTTP/1.1\r\nHost: ${place.authority}\r\n\r\n`);
      const server = await upstream.accept();
      expect(await server.gets("\r\n\r\n")).toStartWith("GET /x?y HTTP/1.1\r\nHost: Inside.test:8080\r\n");
      visitor.connection.reset();
    });
  });
});

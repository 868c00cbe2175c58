/** Which endpoint a request belongs to: by scheme, by name, by wildcard, and by the name of its handshake. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { agentOf } from "../support/agent-of-edge.ts";
import { AgentProcess } from "../support/agent-process.ts";
import { curl } from "../support/curl.ts";
import { EDGE_DOMAIN, EdgeProcess } from "../support/edge-process.ts";
import { rawVisitor } from "../support/raw-end.ts";
import { LAYOUTS, SCHEMES, START_MS, TunnelSystem } from "../support/tunnel-system.ts";

/** Says which of several upstreams was asked. */
function namedUpstream(name: string): Bun.Server<undefined> {
  return Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request) => new Response(`${name} ${request.headers.get("host")}`),
  });
}

describe.each(LAYOUTS)("Through %s", (layout) => {
  const upstreams = new Map<string, Bun.Server<undefined>>();
  let system: TunnelSystem;
  beforeAll(async () => {
    const domain = layout === "the embedded edge" ? "localhost" : "edge.test";
    const addr = (name: string): number => {
      const upstream = namedUpstream(name);
      upstreams.set(name, upstream);
      return upstream.port ?? 0;
    };
    system = await TunnelSystem.start(
      layout,
      {
        both: { addr: addr("both") },
        secure: { addr: addr("secure"), schemes: ["https"] },
        plain: { addr: addr("plain"), schemes: ["http"] },
        "split-http": { addr: addr("split-http"), schemes: ["http"], hostname: `split.${domain}` },
        "split-https": { addr: addr("split-https"), schemes: ["https"], hostname: `split.${domain}` },
        wide: { addr: addr("wide"), hostname: `*.apps.${domain}` },
        narrow: { addr: addr("narrow"), hostname: `*.deep.apps.${domain}` },
        exact: { addr: addr("exact"), hostname: `one.apps.${domain}` },
      },
      ["--reserve=*.apps.edge.test", "--reserve=*.deep.apps.edge.test"],
    );
  }, START_MS);
  afterAll(async () => {
    await system[Symbol.asyncDispose]();
    await Promise.all([...upstreams.values()].map((upstream) => upstream.stop(true)));
  });

  test.each([
    ["both", "http", "both"],
    ["both", "https", "both"],
    ["secure", "https", "secure"],
    ["plain", "http", "plain"],
    ["split", "http", "split-http"],
    ["split", "https", "split-https"],
    ["BOTH", "https", "both"],
    ["any.apps", "http", "wide"],
    ["any.apps", "https", "wide"],
    ["two.labels.apps", "https", "wide"],
    ["one.apps", "https", "exact"],
    ["below.one.apps", "https", "wide"],
    ["a.deep.apps", "https", "narrow"],
    ["a.b.deep.apps", "http", "narrow"],
    ["deep.apps", "https", "wide"],
  ] as const)("%s over %s belongs to %s", async (label, scheme, upstream) => {
    const place = system.place(label, scheme);
    expect((await curl(place, "/")).stdout).toBe(`${upstream} ${place.authority}`);
  });

  test.each([
    ["secure", "http"],
    ["plain", "https"],
    ["nobody", "http"],
    ["nobody", "https"],
    ["apps", "http"],
  ] as const)("%s over %s belongs to nobody", async (label, scheme) => {
    const { stdout } = await curl(system.place(label, scheme), "/", "-i");
    expect(stdout).toStartWith("HTTP/1.1 404 Not Found\r\n");
    expect(stdout).toContain("\r\nNgrok-Error-Code: ERR_NGROK_3200\r\n");
  });

  test.each(["", ".", ":80", ".:443", ":"])("the name counts with %j behind it too", async (ending) => {
    const place = system.place("both", "http");
    const visitor = await rawVisitor(place);
    visitor.send(`GET / HTTP/1.1\r\nHost: ${place.host}${ending}\r\nConnection: close\r\n\r\n`);
    expect(await visitor.getsEnd()).toEndWith(`both ${place.host}${ending}`);
    visitor.connection.end();
  });

  test("one https connection may ask for other names of the account", async () => {
    const visitor = await rawVisitor(system.place("both"));
    for (const label of ["both", "secure", "both", "one.apps"]) {
      const { authority } = system.place(label);
      const before = visitor.heard.bytesHeard;
      visitor.send(`GET / HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
      await visitor.heard.until(() => visitor.heard.text.slice(before).endsWith(` ${authority}`));
    }
    expect(visitor.heard.text.match(/^(both|secure|exact) /gm)).toEqual(["both ", "secure ", "both ", "exact "]);
    visitor.connection.reset();
  });

  test("a handshake for a name that is not online does not open the way to others", async () => {
    const visitor = await rawVisitor(system.place("nobody"));
    const { authority } = system.place("both");
    visitor.send(`GET / HTTP/1.1\r\nHost: ${authority}\r\nConnection: close\r\n\r\n`);
    const answer = await visitor.getsEnd();
    expect(answer).toStartWith("HTTP/1.1 421 Misdirected Request\r\n");
    expect(answer).toContain("\r\nNgrok-Error-Code: ERR_GINNEL_MISDIRECTED\r\n");
    visitor.connection.end();
  });

  test("plain HTTP on the port for TLS is told so", async () => {
    const { stdout } = await curl({ ...system.place("both", "https"), scheme: "http" }, "/", "-i");
    expect(stdout).toStartWith("HTTP/1.1 400 Bad Request\r\n");
  });
});

describe("a URL with a port", () => {
  let edge: EdgeProcess;
  beforeAll(async () => {
    edge = await EdgeProcess.start();
  }, START_MS);
  afterAll(() => edge[Symbol.asyncDispose]());

  test(
    "is served where it names the port of visitors",
    async () => {
      using upstream = namedUpstream("it");
      const authority = `ported.${EDGE_DOMAIN}:${edge.ports.https}`;
      await using agent = await agentOf(edge, ["http", String(upstream.port), `--url=https://${authority}`]);
      expect(await agent.url()).toBe(`https://${authority}`);
      const { caPem } = edge;
      const place = {
        scheme: "https",
        host: `ported.${EDGE_DOMAIN}`,
        port: edge.ports.https,
        authority,
        caPem,
      } as const;
      expect((await curl(place, "/")).stdout).toBe(`it ${authority}`);
    },
    START_MS,
  );

  test(
    "is refused where it names another one, with the one that it may have",
    async () => {
      await using agent = await agentOf(edge, ["http", "80", `--url=http://ported.${EDGE_DOMAIN}:${edge.ports.https}`]);
      const said = `visitors of http endpoints come to port ${edge.ports.http} of this edge`;
      expect(await agent.stderr.find((line) => (line.includes(said) ? line : undefined))).toContain(said);
      expect(await agent.child.exited).toBe(1);
    },
    START_MS,
  );
});

test.each([
  ["--bind-tls=true", ["https"]],
  ["--bind-tls=false", ["http"]],
  ["--bind-tls=both", ["http", "https"]],
  ["--scheme=http,https", ["http", "https"]],
])(
  "ginnel http %s serves %j",
  async (flag, expected) => {
    using upstream = namedUpstream("it");
    await using agent = await AgentProcess.start(["http", String(upstream.port), flag]);
    const urls: URL[] = [];
    await agent.log.find((line) => {
      const { url } = JSON.parse(line) as { readonly url?: string }; // our own log
      if (url !== undefined) urls.push(new URL(url));
      return urls.length === expected.length ? true : undefined;
    });
    expect(urls.map(({ protocol }) => protocol.slice(0, -1)).toSorted()).toEqual(expected);
    expect(new Set(urls.map(({ hostname }) => hostname)).size).toBe(1);
    for (const scheme of SCHEMES) {
      const url = urls.find(({ protocol }) => protocol === `${scheme}:`);
      if (url === undefined) continue;
      const place = { scheme, host: url.hostname, port: Number(url.port), authority: url.host, caPem: "" };
      expect((await curl(place, "/", "-k")).stdout).toBe(`it ${url.host}`);
    }
  },
  START_MS,
);

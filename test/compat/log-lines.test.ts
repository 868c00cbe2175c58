/** Lines of the log that programs read, their form, order and content (clients.md sections 5 and 6, rows by number). */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { AgentProcess } from "../support/agent-process.ts";
import { EDGE_DOMAIN, EDGE_TOKEN, EdgeProcess } from "../support/edge-process.ts";
import type { LogFields } from "../support/logfmt-fields.ts";
import { callApi } from "../support/urllib-call.ts";
import { visit } from "../support/visit.ts";
import { WrappedAgent } from "../support/wrapped-agent.ts";

const LIMIT_MS = 30_000;

const upstream = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("here I am") });
let edge: EdgeProcess;
beforeAll(async () => {
  edge = await EdgeProcess.start();
}, LIMIT_MS);
afterAll(async () => {
  await edge[Symbol.asyncDispose]();
  await upstream.stop(true);
});

describe("the log that a wrapper reads", () => {
  /** The lines of a good run with one visited tunnel. */
  let lines: readonly string[];
  let log: readonly LogFields[];
  let path: string;

  beforeAll(async () => {
    await using agent = await WrappedAgent.start({ edge });
    path = agent.folder.file("ngrok.yml");
    const api = await agent.ready();
    const definition = { name: 'it\'s "web" = 1', proto: "http", schemes: ["http"], addr: upstream.port };
    const { text } = await callApi(api, "POST", "/api/tunnels", { ...definition, subdomain: "log" });
    expect(JSON.parse(text)).toMatchObject({ name: definition.name });
    await visit(`log.${EDGE_DOMAIN}`, { port: edge.ports.http });
    await agent.logged("join connections");
    await agent.end("SIGTERM");
    await agent.output.ended;
    lines = agent.output.lines;
    log = agent.log; // every line can be split (K-072)
  }, LIMIT_MS);

  test("the log that a wrapper reads meets K-070, K-071 and K-073: logfmt, known levels, the same fields in each line", () => {
    for (const line of lines) {
      expect(line).toMatch(/^t=\d{4}-\d\d-\d\dT[\d:]{8}[+-]\d{4} lvl=(?:dbug|info|warn|eror|crit) msg=/);
    }
    for (const fields of log) expect(fields).not.toHaveProperty("line");
  });

  test("the log that a wrapper reads meets K-090 to K-096: the steps of a start, in order", () => {
    // A warning may stand between them, about a port that another agent has.
    const infos = log.filter(({ lvl }) => lvl === "info");
    const steps = infos.map(({ msg }) => msg).slice(0, 4);
    expect(steps.slice(0, 2)).toEqual(["open config file", "starting web service"]);
    expect(new Set(steps.slice(2))).toEqual(new Set(["client session established", "tunnel session started"]));
    expect(log[0]).toMatchObject({ path, err: "nil" });
    for (const step of infos.slice(2, 4)) expect(step["obj"]).toBe("tunnels.session");
  });

  test("the log that a wrapper reads meets K-078 and K-091: the web service with address and allowed hosts", () => {
    expect(lines[1]).toMatch(/ msg="starting web service" obj=web addr=127\.0\.0\.1:4\d{3} allow_hosts=\[\]$/);
    expect(lines[1]).toMatch(/starting web service.*addr=(\d+\.\d+\.\d+\.\d+:\d+)/);
  });

  test("the log that a wrapper reads meets K-076 and K-095: started tunnels with the URL last", () => {
    const started = lines.find((line) => line.includes("started tunnel")) ?? "";
    expect(started).toEndWith(
      String.raw` lvl=info msg="started tunnel" obj=tunnels name="it's \"web\" = 1" addr=http://localhost:${upstream.port} url=http://log.${EDGE_DOMAIN}:${edge.ports.http}`,
    );
  });

  test("the log that a wrapper reads meets K-077: requests of the API are told at their start and end", () => {
    const calls = log.filter(({ pg }) => pg !== undefined);
    expect(calls.map(({ msg, pg, lvl, status }) => [lvl, msg, pg, status])).toEqual([
      ["info", "start", "/api/tunnels", undefined],
      ["info", "end", "/api/tunnels", "200"],
      ["info", "start", "/api/tunnels", undefined],
      ["info", "end", "/api/tunnels", "201"],
    ]);
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
    for (const { id } of calls) expect(id).toMatch(/^[0-9a-f]{16}$/);
  });

  test("the log that a wrapper reads meets K-099: each connection of a visitor", () => {
    expect(log.find(({ msg }) => msg === "join connections")).toMatchObject({
      lvl: "info",
      obj: "join",
      id: expect.any(String),
      l: `localhost:${upstream.port}`,
      r: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    });
  });

  test("the log that a wrapper reads meets K-103: no failure in a good run", () => {
    expect(log.filter(({ lvl }) => lvl === "eror" || lvl === "crit")).toEqual([]);
    expect(lines.join("\n")).not.toContain(EDGE_TOKEN);
  });
});

describe("the log", () => {
  test(
    "the log meets K-092: the port 4040 is looked for further, without the words of a failure",
    async () => {
      // The first may have found 4040 in use by another test already: then it says so as well.
      await using first = await WrappedAgent.start({ edge });
      await first.ready();
      await using second = await WrappedAgent.start({ edge });
      await second.ready();
      expect(await second.logged("can't bind default web address, trying alternatives")).toMatchObject({
        lvl: "warn",
        obj: "web",
        addr: "127.0.0.1:4040",
      });
      expect(second.output.lines.join("\n")).not.toContain("address already in use");
    },
    LIMIT_MS,
  );

  test(
    "the log meets K-100: a lost session is told as a failure with its reason, and the next one as the first",
    async () => {
      await using restarted = await EdgeProcess.start();
      await using agent = await WrappedAgent.start({ edge: restarted });
      await agent.ready();
      await restarted.end("SIGKILL");
      const closed = await agent.logged("session closed, starting reconnect loop");
      expect(closed).toMatchObject({ lvl: "eror", obj: "tunnels.session", err: expect.stringMatching(/./) });
      const from = agent.output.lines.length;
      await restarted.again();
      await agent.logged("client session established", { obj: "tunnels.session" }, from);
    },
    LIMIT_MS,
  );

  test.each([
    ["K-097", "http", ["http", String(upstream.port), "--scheme=http,https"], ["command_line (http)", "command_line"]],
    ["K-098", "tcp", ["tcp", "22"], ["command_line"]],
  ])(
    "the log meets %s, K-075 and K-076 in JSON: tunnels of the command %s",
    async (_, proto, argv, names) => {
      const files = { "ca.pem": edge.caPem };
      const reach = [`--server-addr=127.0.0.1:${edge.ports.https}`, "--root-cas=ca.pem"];
      await using agent = await AgentProcess.start([...argv, ...reach], {
        files,
        env: { NGROK_AUTHTOKEN: EDGE_TOKEN },
      });
      await agent.logged("started tunnel", { name: "command_line" });
      const started = agent.log.lines.filter((line) => line.includes(`"msg":"started tunnel","name":"command_line`));
      const entries = started.map((line) => JSON.parse(line) as LogFields); // our own log
      expect(entries.map(({ name }) => name ?? "")).toEqual(names);
      for (const entry of entries) {
        expect(Object.keys(entry)).toEqual(["addr", "lvl", "msg", "name", "obj", "t", "url"]);
        expect(entry["addr"]).toBe(proto === "tcp" ? "//localhost:22" : `http://localhost:${upstream.port}`);
        expect(entry["t"]).toMatch(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d+(?:Z|[+-]\d\d:\d\d)$/);
      }
      // The first `addr` of all lines is taken for that of the API.
      const first = agent.log.lines.map((line) => JSON.parse(line) as LogFields).find(({ addr }) => addr !== undefined);
      expect(first?.["msg"]).toBe("starting web service");
    },
    LIMIT_MS,
  );
});

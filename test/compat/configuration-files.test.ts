/** Configuration files that wrappers write (clients.md section 4, rows by number): the agent comes up with each, and API calls work. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { listenTcp } from "../../src/net/tcp-listen.ts";
import { EDGE_DOMAIN, EDGE_TOKEN, EdgeProcess } from "../support/edge-process.ts";
import { runProgram } from "../support/run-program.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { callApi } from "../support/urllib-call.ts";
import { WrappedAgent } from "../support/wrapped-agent.ts";

const LIMIT_MS = 30_000;

let edge: EdgeProcess;
beforeAll(async () => {
  edge = await EdgeProcess.start();
}, LIMIT_MS);
afterAll(() => edge[Symbol.asyncDispose]());

const TUNNEL = { addr: 80, proto: "http", name: "posted" };
const ENDPOINT = { name: "posted", upstream: { url: "http://localhost:80" } };

describe("the agent of a wrapper", () => {
  test.each([
    ["K-050", "version 2 as text with a region and nothing else", `version: "2"\nregion: us\n`],
    ["K-050", "version 2 as a number", `version: 2\nregion: us\n`],
    ["K-051", "version 3 alone", `version: "3"\n`],
    ["K-051", "version 3 as a number, with tunnels and without agent", "version: 3\ntunnels: {}\n"],
    ["K-051", "version 3 with endpoints and without agent", "version: 3\nendpoints: []\n"],
    ["K-054", "an empty file", ""],
    ["K-060", "JSON", `{"version": "2", "region": "us"}`],
    [
      "K-060",
      "deep indentation, quoted keys, CRLF",
      `"version": '2'\r\n"tunnels":\r\n        "a":\r\n            "addr":   80\r\n`,
    ],
    [
      "K-053",
      "a definition that cannot start",
      `version: "2"\ntunnels:\n  a: { proto: http, addr: "no such host:x" }\n`,
    ],
  ])(
    "the agent of a wrapper meets %s: %s, and K-052: both lists work",
    async (_, __, config) => {
      await using agent = await WrappedAgent.start({ edge, config });
      const api = await agent.ready();
      expect((await callApi(api, "GET", "/api/endpoints")).status).toBe(200);
      expect((await callApi(api, "POST", "/api/tunnels", TUNNEL)).status).toBe(201);
      expect((await callApi(api, "POST", "/api/endpoints", { ...ENDPOINT, name: "other" })).status).toBe(201);
      expect(agent.stderr.lines).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    "the agent of a wrapper meets K-053: a definition is free for a posted one, as wrappers read and post it themselves",
    async () => {
      const config = `version: "2"\ntunnels:\n  web: { proto: http, addr: 80, subdomain: defined }\n`;
      await using agent = await WrappedAgent.start({ edge, config });
      const api = await agent.ready();
      for (const name of ["web-api", "web"]) {
        const { status, text } = await callApi(api, "POST", "/api/tunnels", { ...TUNNEL, name });
        expect([status, JSON.parse(text).name]).toEqual([201, name]);
      }
    },
    LIMIT_MS,
  );

  test(
    "the agent of a wrapper meets K-055: add-authtoken, repeated, lets the next start in",
    async () => {
      using home = new TemporaryFolder();
      const path = home.file("deep/folder/ngrok.yml");
      for (const token of ["first", EDGE_TOKEN]) {
        const line = `config add-authtoken ${token} --log stdout --config ${path}`;
        expect((await runProgram(line, { home: home.path, name: "ngrok" })).code).toBe(0);
      }
      const config = readFileSync(path, "utf8");
      expect(config).not.toContain("first");
      await using agent = await WrappedAgent.start({ edge, config, authtoken: "" });
      await agent.ready("/api/endpoints");
    },
    LIMIT_MS,
  );

  test(
    "the agent of a wrapper meets K-059: an explicit web_addr is used as given",
    async () => {
      const port = await portThatIsFree();
      await using agent = await WrappedAgent.start({ edge, config: `version: "2"\nweb_addr: 127.0.0.1:${port}\n` });
      expect(await agent.ready()).toBe(`http://127.0.0.1:${port}`);
    },
    LIMIT_MS,
  );

  test(
    "the agent of a wrapper meets K-059: an explicit web_addr that is busy ends it, in the words that wrappers search",
    async () => {
      using busy = listenTcp({ hostname: "127.0.0.1", port: 0 }, (connection) => connection.reset());
      const config = `version: "2"\nweb_addr: 127.0.0.1:${busy.port}\n`;
      await using agent = await WrappedAgent.start({ edge, config });
      const words = `listen tcp 127.0.0.1:${busy.port}: bind: address already in use`;
      expect(agent.ready()).rejects.toThrow(words);
      expect(await agent.child.exited).toBe(1);
      await agent.stderr.ended;
      expect(agent.stderr.lines.join("\n")).toContain(words);
    },
    LIMIT_MS,
  );

  test(
    "the agent of a wrapper meets K-021 and K-058: files of several versions together, the token in one of them",
    async () => {
      using folder = new TemporaryFolder();
      await Bun.write(folder.file("3.yml"), `version: 3\nagent: { authtoken: ${EDGE_TOKEN} }\n`);
      const definition = `{ proto: http, schemes: [http], addr: 80, hostname: files.${EDGE_DOMAIN} }`;
      await Bun.write(folder.file("1.yml"), `tunnels:\n  site: ${definition}\n`);
      const argv = ["--config", folder.file("3.yml"), `--config=${folder.file("1.yml")}`];
      await using agent = await WrappedAgent.start({ edge, authtoken: "", argv });
      await agent.ready();
    },
    LIMIT_MS,
  );
});

async function portThatIsFree(): Promise<number> {
  using listening = listenTcp({ hostname: "127.0.0.1", port: 0 }, (connection) => connection.reset());
  return listening.port;
}

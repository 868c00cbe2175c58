/** A start that is refused says so on stderr, with code and link, and nowhere else (reference.md 1.5, clients.md K-101 and K-102). */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { AgentProcess } from "../support/agent-process.ts";
import { EDGE_DOMAIN, EDGE_TOKEN, EdgeProcess } from "../support/edge-process.ts";
import { runProgram } from "../support/run-program.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";

const LIMIT_MS = 30_000;

const folder = new TemporaryFolder();
let edge: EdgeProcess;

beforeAll(async () => {
  edge = await EdgeProcess.start();
  await Bun.write(folder.file("ca.pem"), edge.caPem);
}, LIMIT_MS);

afterAll(async () => {
  await edge[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const TOKEN = `--authtoken=${EDGE_TOKEN}`;

describe("a start that is refused", () => {
  test.each([
    ["no authtoken", "http 80", "ERR_NGROK_4018", "authentication failed: "],
    ["an unknown authtoken", "http 80 --authtoken=unknown", "ERR_NGROK_107", "authentication failed: "],
    ["an authtoken that can be none", "http 80 --authtoken=täken", "ERR_NGROK_105", "authentication failed: "],
    ["no authtoken, and no tunnel either", "start --none", "ERR_NGROK_4018", "authentication failed: "],
    ["a foreign name", `http 80 ${TOKEN} --url=www.example.org`, "ERR_NGROK_319", "www.example.org is not reserved"],
    ["a wildcard", `http 80 ${TOKEN} --url=*.${EDGE_DOMAIN}`, "ERR_NGROK_321", `*.${EDGE_DOMAIN}`],
    ["a name that is none", `http 80 ${TOKEN} --url=a_b.${EDGE_DOMAIN}`, "ERR_NGROK_355", '"_"'],
    [
      "a port beyond the range",
      `tcp 22 ${TOKEN} --remote-addr=${EDGE_DOMAIN}:99`,
      "ERR_NGROK_307",
      `${EDGE_DOMAIN}:99`,
    ],
  ])(
    "a start that is refused for %s tells text, code and link",
    async (_, line, code, text) => {
      const { stdout, stderr, ...ended } = await run(line);
      expect([ended.code, stdout]).toEqual([1, ""]);
      const lines = linesOf(stderr);
      expect(lines[0]).toContain(text);
      expect(lines.slice(-3)).toEqual([code, `https://ngrok.com/docs/errors/${code.toLowerCase()}`, ""]);
    },
    LIMIT_MS,
  );

  test.each([
    ["another region", `http 80 ${TOKEN} --region=eu`, 'the edge is in region "us", not "eu"'],
    ["an authority that cannot be read", `http 80 --root-cas=no-such.pem`, "no-such.pem"],
    ["a tunnel that nobody has defined", `start nobody ${TOKEN}`, "Tunnel 'nobody' is not defined"],
    [
      "a log file that cannot be opened",
      `http 80 ${TOKEN} --log=no/such/folder`,
      "Cannot open log file 'no/such/folder'",
    ],
    ["a folder that is not there", `http file:///no/such/folder ${TOKEN}`, "cannot serve the folder /no/such/folder"],
    ["a folder that is a file", `http file:///etc/passwd ${TOKEN}`, "it is not a folder"],
    ["a certificate that is not there", `tls 443 ${TOKEN} --crt=no.crt --key=no.key`, "no.crt"],
  ])(
    "a start that is refused for %s tells why",
    async (_, line, text) => {
      const { code, stdout, stderr } = await run(line);
      expect([code, stdout]).toEqual([1, ""]);
      const lines = linesOf(stderr);
      expect(lines.join("\n")).toContain(text);
      expect(lines.at(-1)).toBe("");
      expect(stderr).not.toContain("Internal error");
    },
    LIMIT_MS,
  );

  test.each([
    ["by its authtoken", ["http", "80", "--authtoken=unknown"], "ERR_NGROK_107", "failed to reconnect session"],
    ["by its name", ["http", "80", "--url=www.example.org"], "ERR_NGROK_319", "session closing"],
  ])(
    "a start that is refused %s ends its log with the reason and the code",
    async (_, argv, code, first) => {
      const reach = [`--server-addr=127.0.0.1:${edge.ports.https}`, "--root-cas=ca.pem"];
      const files = { "ca.pem": edge.caPem };
      await using agent = await AgentProcess.start([...argv, ...reach], {
        files,
        env: { NGROK_AUTHTOKEN: EDGE_TOKEN },
      });
      expect(await agent.child.exited).toBe(1);
      await agent.logged("command failed");
      const entries = agent.log.lines.map((line) => JSON.parse(line) as Record<string, string>); // our own log
      const failures = entries.filter(({ lvl }) => lvl === "eror" || lvl === "crit");
      expect(failures.map(({ msg }) => msg)).toEqual([first, "terminating with error", "command failed"]);
      for (const { err } of failures) expect(err).toEndWith(`\r\n\r\n${code}\r\n`);
    },
    LIMIT_MS,
  );
});

function run(line: string): ReturnType<typeof runProgram> {
  const reach = [`--server-addr=127.0.0.1:${edge.ports.https}`];
  if (!line.includes("--root-cas")) reach.push("--root-cas=ca.pem");
  return runProgram([line, ...reach].join(" "), { home: folder.path });
}

/** Of what was told, without the prefix that each of them must have. */
function linesOf(stderr: string): readonly string[] {
  const lines = stderr.split("\n");
  expect(lines.pop()).toBe("");
  for (const line of lines) expect(line).toStartWith("ERROR:  ");
  return lines.map((line) => line.slice("ERROR:  ".length));
}

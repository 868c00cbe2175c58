/** The compiled program from nothing to a visitor's page, as a user runs it: under both of its names, with an edge inside and beside. */
import { afterEach, beforeAll, describe, expect, test } from "bun:test";
import { symlinkSync } from "node:fs";
import { BUILD_TIMEOUT_MS, builtBinary } from "../support/built-binary.ts";
import { succeed } from "../support/client-program.ts";
import { LineReader } from "../support/line-reader.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";

/** Processes are started and a machine may be busy; nothing here measures time. */
const LIMIT_MS = 60_000;
const PAGE = "a page of a folder\n";

let binary = "";
beforeAll(async () => {
  binary = await builtBinary();
}, BUILD_TIMEOUT_MS);

const running: Bun.Subprocess[] = [];
afterEach(async () => {
  for (const child of running.splice(0)) {
    child.kill("SIGKILL");
    await child.exited;
  }
});

/** A machine of its own: a home with a folder to serve in it, and the program under this name. */
class Machine implements Disposable {
  readonly home = new TemporaryFolder();
  readonly program: string;

  constructor(name: "ginnel" | "ngrok") {
    this.program = this.home.file(name);
    symlinkSync(binary, this.program);
  }

  get #options(): { cwd: string; env: Record<string, string> } {
    return { cwd: this.home.path, env: { HOME: this.home.path, XDG_STATE_HOME: this.home.file("state") } };
  }

  /** What the command printed; rejects when it fails. */
  run(line: string): Promise<string> {
    return succeed([this.program, ...line.split(" ")], this.#options);
  }

  start(line: string): { readonly child: Bun.Subprocess<"ignore", "pipe", "pipe">; readonly output: LineReader } {
    const command = [this.program, ...line.split(" ")];
    const child = Bun.spawn(command, { ...this.#options, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
    running.push(child);
    return { child, output: new LineReader(child.stdout) };
  }

  async serveFolder(): Promise<string> {
    await Bun.write(this.home.file("site/page.txt"), PAGE);
    return `file://${this.home.file("site")}`;
  }

  /** The page at this URL, for curl, which trusts the authority in this file. */
  curl(url: string, caFile: string): Promise<string> {
    const { hostname, port } = new URL(url);
    const reach = ["--cacert", this.home.file(caFile), "--resolve", `${hostname}:${port}:127.0.0.1`];
    return succeed(["curl", "-sS", "-q", "--fail", "-m", "30", "--noproxy", "*", ...reach, `${url}/page.txt`]);
  }

  [Symbol.dispose](): void {
    this.home[Symbol.dispose]();
  }
}

/** The first line with this text in front; what stands behind it, up to a space. */
function wordBehind(output: LineReader, text: string): Promise<string> {
  return output.find((line) => {
    const at = line.indexOf(text);
    return at === -1 ? undefined : line.slice(at + text.length).split(" ")[0];
  });
}

async function end({ child }: { readonly child: Bun.Subprocess<"ignore", "pipe", "pipe"> }): Promise<unknown> {
  child.kill("SIGTERM");
  return [await child.exited, await child.stderr.text()];
}

describe("dist/ginnel", () => {
  test.each(["ginnel", "ngrok"] as const)(
    "serves a folder as %s with the edge inside",
    async (name) => {
      using machine = new Machine(name);
      const agent = machine.start(
        `http ${await machine.serveFolder()} --bind-tls=both --log=stdout --log-format=logfmt`,
      );
      const [http, https] = await Promise.all([
        wordBehind(agent.output, "url=http:"),
        wordBehind(agent.output, "url=https:"),
      ]);
      await Bun.write(
        machine.home.file("ca.pem"),
        await machine.run(`edge ca --data=${machine.home.file("state/ginnel")}`),
      );
      expect(await machine.curl(`http:${http}`, "ca.pem")).toBe(PAGE);
      expect(await machine.curl(`https:${https}`, "ca.pem")).toBe(PAGE);
      expect(await end(agent)).toEqual([0, ""]);
    },
    LIMIT_MS,
  );

  test.each(["ginnel", "ngrok"] as const)(
    "serves a folder as %s through an edge of its own, with the token that this told at its first start",
    async (name) => {
      using operator = new Machine("ginnel");
      const edge = operator.start(
        "edge --domain=edge.test --data=data --http=127.0.0.1:0 --https=127.0.0.1:0 --tcp-ports=off --log-format=logfmt",
      );
      const token = await wordBehind(edge.output, "Authtoken for agents (shown this once): ");
      const port = await wordBehind(edge.output, " https=");
      const caPem = await operator.run("edge ca --data=data");

      using machine = new Machine(name);
      await Bun.write(machine.home.file("ca.pem"), caPem);
      expect(await machine.run(`config add-authtoken ${token}`)).toStartWith("Authtoken saved to configuration file: ");
      expect(await machine.run("config check")).toStartWith("Valid configuration file at ");
      const reach = `--server-addr=127.0.0.1:${port} --root-cas=ca.pem`;
      const agent = machine.start(`http ${await machine.serveFolder()} ${reach} --log=stdout --log-format=logfmt`);
      const url = `https:${await wordBehind(agent.output, "url=https:")}`;
      expect(url).toEndWith(`.edge.test:${port}`);
      expect(await machine.curl(url, "ca.pem")).toBe(PAGE);
      expect(await end(agent)).toEqual([0, ""]);
      expect(await end(edge)).toEqual([0, ""]);
    },
    LIMIT_MS,
  );

  test("answers to the name of the link that it is called by", async () => {
    using ours = new Machine("ginnel");
    using theirs = new Machine("ngrok");
    expect(await ours.run("version")).toMatch(/^ginnel version \d+\.\d+\.\d+\n$/);
    expect(await theirs.run("version")).toMatch(/^ngrok version 3\.\d+\.\d+\n$/);
    expect(await ours.run("help http")).toStartWith("NAME:\n  ginnel http - ");
    expect(await theirs.run("help http")).toStartWith("NAME:\n  ngrok http - ");
    expect(await theirs.run("credits")).toContain("Bun");
  });
});

/** `ngrok api` as the wrapper for Python runs it: a process whose two streams are one pipe (clients.md section 8, rows by number). */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { BUILD_TIMEOUT_MS, builtBinary } from "../support/built-binary.ts";
import { ApiCommandScene, jsonIn } from "../support/api-command.ts";
import { CLOUD_POLICY } from "../support/management-scene.ts";
import { runProgram } from "../support/run-program.ts";

const LIMIT_MS = 30_000;
setDefaultTimeout(LIMIT_MS);
const MAIN = join(import.meta.dir, "../../src/main.ts");

let api: ApiCommandScene;
let config: string;
beforeAll(async () => {
  api = await ApiCommandScene.open();
  config = api.folder.file("ngrok.yml");
  const agent = ["version: 3", "agent:", `  api_url: ${api.url}`, `  connect_cas: ${api.folder.file("ca.pem")}`];
  await Bun.write(config, `${agent.join("\n")}\n`);
  await Bun.write(api.folder.file("policy.yml"), CLOUD_POLICY);
  const line = `config add-api-key ${api.scene.one.key} --log stdout --config ${config}`;
  const saved = await runProgram(line, { home: api.folder.path, name: "ngrok" });
  if (saved.code !== 0) throw new Error(saved.stderr);
});
afterAll(() => api[Symbol.asyncDispose]());

interface WrapperAnswer {
  readonly code: number;
  /** What stands before the first brace. */
  readonly status: string;
  readonly data: Readonly<Record<string, unknown>> | undefined;
}

const program: readonly string[] = [process.execPath, MAIN];

/** `ngrok.api(*args)`. */
async function wrapper(args: readonly string[], command: readonly string[] = program): Promise<WrapperAnswer> {
  const child = Bun.spawn(["sh", "-c", 'exec "$@" 2>&1', "sh", ...command, "--config", config, "api", ...args], {
    cwd: api.folder.path,
    env: { PATH: process.env["PATH"], HOME: api.folder.path, BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" },
    stdin: "ignore",
    stdout: "pipe",
  });
  const joined = await child.stdout.text();
  return { code: await child.exited, status: joined.split("{")[0] ?? "", data: jsonIn(joined) };
}

describe("ngrok api meets", () => {
  const domain = "my-app.ngrok.dev";

  test.each([["--help"], ["reserved-domains --help"], ["reserved-domains create --help"]])(
    "the examples of the wrapper: %s",
    async (args) => {
      const { code, status, data } = await wrapper(args.split(" "));
      expect([code, data]).toEqual([0, undefined]);
      expect(status).toStartWith("NAME:\n");
    },
  );

  test("the examples of the wrapper: a reserved domain, its list, and a cloud endpoint on it", async () => {
    const made = await wrapper(["reserved-domains", "create", "--domain", domain]);
    expect(made).toEqual({ code: 0, status: "201 Created\n", data: expect.objectContaining({ domain }) });
    const list = await wrapper(["reserved-domains", "list"]);
    expect(list).toMatchObject({ code: 0, status: "200 OK\n", data: { reserved_domains: [made.data] } });
    const where = ["--bindings", "public", "--url", `https://${domain}`];
    const endpoint = await wrapper(["endpoints", "create", ...where, "--traffic-policy-file", "policy.yml"]);
    expect(endpoint).toMatchObject({
      code: 0,
      status: "201 Created\n",
      data: { url: `https://${domain}`, traffic_policy: CLOUD_POLICY },
    });
  });

  test("K-151 and K-154: addresses and domains are deleted without a document", async () => {
    const { data } = await wrapper(["reserved-addrs", "create", "--description", "an address", "--region", "us"]);
    expect(data).toMatchObject({ description: "an address", addr: expect.stringMatching(/^tcp\.e\.test:\d+$/) });
    const gone = await wrapper(["reserved-addrs", "delete", String(data?.["id"])]);
    expect(gone).toEqual({ code: 0, status: "204 No Content\n", data: undefined });
  });

  test("K-152: a refusal has the API's reason and a code other than 0", async () => {
    await wrapper(["reserved-domains", "create", "--domain", "taken.ngrok.dev"]);
    const { code, status, data } = await wrapper(["reserved-domains", "create", "--domain", "taken.ngrok.dev"]);
    expect([code, status, data?.["msg"]]).toEqual([
      1,
      "409 Conflict\n",
      expect.stringContaining("domain is already reserved"),
    ]);
  });

  test("K-155: the key of the flag is tried first", async () => {
    const refused = await wrapper(["--api-key", "nobody's", "reserved-domains", "list"]);
    expect([refused.code, refused.status]).toEqual([1, "401 Unauthorized\n"]);
  });

  test("an edge that is not there is told in words", async () => {
    const { code, status, data } = await wrapper(["credentials", "list", "--api-url=https://127.0.0.1:1"]);
    expect([code, data]).toEqual([1, undefined]);
    expect(status).toMatch(
      /^ERROR: {2}cannot reach the management API at https:\/\/127\.0\.0\.1:1: [^]*\nERROR: {2}\n$/,
    );
  });

  test("K-150: stdout is the document alone", async () => {
    const { code, stdout, stderr } = await runProgram(`--config ${config} api account get`, {
      home: api.folder.path,
      name: "ngrok",
    });
    expect([code, stderr, JSON.parse(stdout)]).toEqual([
      0,
      "200 OK\n",
      expect.objectContaining({ id: api.scene.one.id }),
    ]);
    expect(stdout).toEndWith("}\n");
  });

  test(
    "K-150 in the compiled program",
    async () => {
      const { code, status, data } = await wrapper(["account", "get"], [await builtBinary()]);
      expect([code, status, data?.["id"]]).toEqual([0, "200 OK\n", api.scene.one.id]);
    },
    BUILD_TIMEOUT_MS,
  );
});

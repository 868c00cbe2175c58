import { describe, expect, test } from "bun:test";
import { chmod } from "node:fs/promises";
import type { Environment } from "../../../src/config/environment.ts";
import { OrderFailure } from "../../../src/edge/certificates/certificate-authority.ts";
import { checkDnsHook, DnsHook } from "../../../src/edge/certificates/dns-hook.ts";
import { type RecordedLine, recordingLog } from "../../support/recording-log.ts";
import { freshFolders } from "../../support/fresh-folders.ts";

const freshFolder = freshFolders();

interface Scene {
  readonly hook: DnsHook;
  readonly calls: () => Promise<string>;
  readonly lines: readonly RecordedLine[];
}

async function newHook(script: string, environment: Environment = process.env): Promise<Scene> {
  const folder = freshFolder();
  const file = folder.file("hook");
  await Bun.write(file, `#!/bin/sh\nexec 3>>${folder.file("calls")}\n${script}\n`);
  await chmod(file, 0o700);
  const { log, lines } = recordingLog();
  return { hook: new DnsHook(file, environment, log), calls: () => Bun.file(folder.file("calls")).text(), lines };
}

async function failureOf(call: Promise<void>): Promise<unknown> {
  return call.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("DnsHook", () => {
  test("hands its arguments over as they are", async () => {
    const { hook, calls } = await newHook(`printf '[%s]' "$@" >&3`);
    await hook.present("_acme-challenge.a.test", "$(x) 'y'");
    await hook.remove("_acme-challenge.a.test", "-v");
    expect(await calls()).toBe("[present][_acme-challenge.a.test][$(x) 'y'][remove][_acme-challenge.a.test][-v]");
  });

  test("tells the program its environment, and no secret of ginnel's that stands there", async () => {
    const mine = { PATH: process.env["PATH"], HOME: "/home/ann", GINNEL_DOMAIN: "a.test", GINNEL_DNS_TOKEN: "its own" };
    const secrets = [
      "GINNEL_AUTHTOKEN",
      "GINNEL_SECRETS_KEY",
      "GINNEL_STORE",
      "GINNEL_ACME",
      "GINNEL_ACME_EAB_KEY",
      "GINNEL_API_KEY",
      "NGROK_AUTHTOKEN",
      "NGROK_API_KEY",
    ].map((name) => [name, `canary of ${name}`]);
    const { hook, calls } = await newHook("env >&3", { ...mine, ...Object.fromEntries(secrets) });
    await hook.present("a.test", "1");
    const told = await calls();
    expect(told).not.toContain("canary");
    for (const [name, value] of Object.entries(mine)) expect(told.split("\n")).toContain(`${name}=${value}`);
  });

  test("runs one call after another", async () => {
    const { hook, calls } = await newHook("echo begin >&3; head -c 100000 /dev/zero >/dev/null; echo end >&3");
    await Promise.all([hook.present("a", "1"), hook.present("a", "2"), hook.remove("a", "1")]);
    expect(await calls()).toBe("begin\nend\n".repeat(3));
  });

  test("tells whoever wants the certificate how the program ended, the log what it printed, and goes on", async () => {
    const { hook, lines } = await newHook(
      `echo "no zone for $2; token=hidden" >&2; printf 'out \\033[2J'; [ "$1" = remove ] || exit 7`,
    );
    const failure = await failureOf(hook.present("_acme-challenge.a.test", "1"));
    expect(failure).toBeInstanceOf(OrderFailure);
    expect(Bun.inspect(failure)).not.toMatch(/hidden|no zone/);
    expect(String(failure)).toBe("OrderFailure: the edge's program for DNS records failed to present one: exit code 7");
    expect(lines).toMatchObject([
      {
        level: "warn",
        message: "the DNS hook failed",
        fields: { call: "present", record: "_acme-challenge.a.test", end: "exit code 7" },
      },
    ]);
    expect(lines[0]?.fields["output"]).toBe("no zone for _acme-challenge.a.test; token=hidden\nout \u001b[2J");
    await hook.remove("a.test", "1");
    expect(lines).toHaveLength(1);
  });

  test("logs only the end of what a failed program printed", async () => {
    const { hook, lines } = await newHook("head -c 50000 /dev/zero | tr '\\0' x; printf end; exit 1");
    await failureOf(hook.present("a.test", "1"));
    const output = String(lines[0]?.fields["output"]);
    expect([output.length, output.slice(-5)]).toEqual([2_000, "xxend"]);
  });

  test.each([
    ["kill -TERM $$", "ended by SIGTERM"],
    ["head -c 200000 /dev/zero", "not run to its end (ERR_CHILD_PROCESS_STDIO_MAXBUFFER)"],
  ])("says of %s that it is %s", async (script, end) => {
    const { hook } = await newHook(script);
    expect(String(await failureOf(hook.present("a.test", "1")))).toEndWith(`: ${end}`);
  });

  test("says that there is no such program, and not where", async () => {
    const failure = await failureOf(
      new DnsHook("/nonexistent/hook", process.env, recordingLog().log).present("a.test", "1"),
    );
    expect(failure).toBeInstanceOf(OrderFailure);
    expect(String(failure)).toEndWith(": not run to its end (ENOENT)");
  });
});

describe("checkDnsHook", () => {
  test("lets a program pass that can be run, by its path or by its name in PATH", async () => {
    const file = freshFolder().file("hook");
    await Bun.write(file, "#!/bin/sh\n");
    await chmod(file, 0o700);
    expect(() => checkDnsHook(file)).not.toThrow();
    expect(() => checkDnsHook("sh")).not.toThrow();
  });

  test("refuses what is not there, is no file, or may not be run", async () => {
    const folder = freshFolder();
    const file = folder.file("plain");
    await Bun.write(file, "text");
    await chmod(file, 0o600);
    const refusal = (reason: string): RegExp => new RegExp(`^acme-dns-hook: the program .* ${reason}. Give the path`);
    expect(() => checkDnsHook(folder.file("none"))).toThrow(refusal("there is no such file"));
    expect(() => checkDnsHook(`${file}/below`)).toThrow(refusal("what its path calls a folder is none"));
    expect(() => checkDnsHook(folder.path)).toThrow(refusal("it is no file"));
    expect(() => checkDnsHook(file)).toThrow(refusal("this user may not run it"));
    expect(() => checkDnsHook("no-such-program-anywhere")).toThrow(refusal("there is no such program in PATH"));
  });
});

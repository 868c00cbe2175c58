import { afterEach, describe, expect, test } from "bun:test";
import { chmod } from "node:fs/promises";
import { OrderFailure } from "../../../src/edge/certificates/certificate-authority.ts";
import { DnsHook } from "../../../src/edge/certificates/dns-hook.ts";
import { TemporaryFolder } from "../../support/temporary-folder.ts";

const folders: TemporaryFolder[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) folder[Symbol.dispose]();
});

async function newHook(script: string): Promise<{ readonly hook: DnsHook; readonly calls: () => Promise<string> }> {
  const folder = new TemporaryFolder();
  folders.push(folder);
  const file = folder.file("hook");
  await Bun.write(file, `#!/bin/sh\nexec 3>>${folder.file("calls")}\n${script}\n`);
  await chmod(file, 0o700);
  return { hook: new DnsHook(file), calls: () => Bun.file(folder.file("calls")).text() };
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

  test("runs one call after another", async () => {
    const { hook, calls } = await newHook("echo begin >&3; head -c 100000 /dev/zero >/dev/null; echo end >&3");
    await Promise.all([hook.present("a", "1"), hook.present("a", "2"), hook.remove("a", "1")]);
    expect(await calls()).toBe("begin\nend\n".repeat(3));
  });

  test("fails with the last line that the program printed, and goes on with the next call", async () => {
    const { hook } = await newHook(`echo starting >&2; echo "no zone for $2" >&2; [ "$1" = remove ]`);
    const failure = await failureOf(hook.present("a.test", "1"));
    expect(failure).toBeInstanceOf(OrderFailure);
    expect(String(failure)).toMatch(/the DNS hook .*\/hook present failed: no zone for a.test$/);
    await hook.remove("a.test", "1");
  });

  test("says that there is no such program", async () => {
    const failure = await failureOf(new DnsHook("/nonexistent/hook").present("a.test", "1"));
    expect(failure).toBeInstanceOf(OrderFailure);
    expect(String(failure)).toContain("ENOENT");
  });
});

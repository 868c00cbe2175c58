/** What the scripts install, and what they do where they may not. The programs that install are stand-ins here. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { TemporaryFolder } from "../support/temporary-folder.ts";

const SCRIPTS = join(import.meta.dir, "../../scripts/lib");

interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function bash(script: string, ...args: readonly string[]): Promise<Outcome> {
  const child = Bun.spawn(["bash", "-uo", "pipefail", "-c", script, "bash", ...args], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, status] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { status, stdout, stderr };
}

describe("require_programs", () => {
  const source = `. ${SCRIPTS}/debian-packages.sh`;

  test("names the missing packages, each once, and fails where it may not install", async () => {
    const outcome = await bash(`${source}
      id() { echo 1000; }
      require_programs "The tests" sh=dash no-such-a=pack-b no-such-b=pack-b no-such-c=pack-a`);
    expect(outcome).toEqual({
      status: 1,
      stdout: "",
      stderr: "The tests need programs that are not installed. As root: apt-get install pack-a pack-b\n",
    });
  });

  test("is quiet when nothing is missing", async () => {
    const outcome = await bash(`${source}\nrequire_programs "The tests" sh=dash cat=coreutils`);
    expect(outcome).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  test("installs as root, with services kept from starting only meanwhile", async () => {
    using folder = new TemporaryFolder();
    const script = `${source}
      POLICY=$1
      id() { echo 0; }
      apt-get() {
        if [ "$1" = install ]; then
          "$POLICY"; echo "policy says $?, installing $*"
          no-such-a() { :; }
        fi
      }
      require_programs "The tests" no-such-a=pack-a`;
    const outcome = await bash(script, folder.file("policy"));
    expect(outcome).toMatchObject({ status: 0, stdout: "" });
    expect(outcome.stderr).toContain("policy says 101, installing install -q -y --no-install-recommends pack-a");
    expect(await Bun.file(folder.file("policy")).exists()).toBe(false);
  });

  test("fails with the names when installing did not help, and leaves a policy that was there alone", async () => {
    using folder = new TemporaryFolder();
    await Bun.write(folder.file("policy"), "theirs");
    const script = `${source}
      POLICY=$1
      id() { echo 0; }
      apt-get() { return 100; }
      require_programs "The tests" no-such-a=pack-a`;
    const outcome = await bash(script, folder.file("policy"));
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toEndWith("As root: apt-get install pack-a\n");
    expect(await Bun.file(folder.file("policy")).text()).toBe("theirs");
  });
});

describe("ensure_node_modules", () => {
  /** A project whose npm and node only say that they were called; `bun` is what npm puts there. */
  function script(bun: string): string {
    return `. ${SCRIPTS}/node-modules.sh
      ROOT=$1
      npm() {
        echo "npm $1"
        mkdir -p node_modules/.bin && touch node_modules/.package-lock.json
        printf '#!/bin/sh\\n%s\\n' ${JSON.stringify(bun)} >node_modules/.bin/bun && chmod +x node_modules/.bin/bun
      }
      node() {
        echo "node $*"
        printf '#!/bin/sh\\n' >node_modules/.bin/bun
      }
      ensure_node_modules && echo first && ensure_node_modules && echo second
      touch -d '1 hour' "$ROOT/package-lock.json" && ensure_node_modules && echo third`;
  }

  test("installs what is missing, nothing twice, and again when the lockfile is newer", async () => {
    using folder = new TemporaryFolder();
    await Bun.write(folder.file("package-lock.json"), "{}");
    const { stdout, stderr } = await bash(script("exit 0"), folder.path);
    expect(stdout).toBe("first\nsecond\nthird\n");
    expect(stderr.match(/^npm ci$/gm)).toHaveLength(2);
    expect(stderr).not.toContain("node ");
  });

  test("unpacks bun where npm left a placeholder", async () => {
    using folder = new TemporaryFolder();
    await Bun.write(folder.file("package-lock.json"), "{}");
    const { stdout, stderr } = await bash(script("exit 1"), folder.path);
    expect(stdout).toStartWith("first\nsecond\n");
    expect(stderr).toContain("node node_modules/bun/install.js");
  });
});

/**
 * The compiled program in a file system that holds nothing but itself, its libraries and /proc, read-only, as an ordinary
 * user: what the container image gives it. Where the kernel allows neither root nor user namespaces this fails and says so.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BUILD_TIMEOUT_MS, builtBinary } from "../support/built-binary.ts";

const LAYOUT = join(import.meta.dir, "../../scripts/lib/minimal-root.sh");
/** The user of the image. */
const USER = "65532:65532";
const IS_ROOT = process.getuid?.() === 0;

let folder = "";

beforeAll(async () => {
  const binary = await builtBinary();
  folder = await mkdtemp(join(tmpdir(), "ginnel-minimal-"));
  await chmod(folder, 0o755);
  const layout = Bun.spawn([LAYOUT, binary, folder], { stderr: "inherit" });
  expect(await layout.exited).toBe(0);
  await mkdir(join(folder, "data")); // the volume of the image
}, BUILD_TIMEOUT_MS);

afterAll(() => rm(folder, { recursive: true, force: true }));

/**
 * Mounts vanish with the process. The environment is empty. Standard input is at its end, but not
 * closed: for that the runtime wants /dev/null.
 */
function spawnInside(...args: readonly string[]): Bun.Subprocess<"ignore", "pipe", "pipe"> {
  const namespaces = ["--mount", "--pid", "--fork", ...(IS_ROOT ? [] : ["--map-root-user"])];
  const user = IS_ROOT ? `--userspec=${USER}` : ""; // within a user namespace there is only one user to be
  const script = `
    set -e
    mount --bind "$0" "$0"
    mount -t proc proc "$0/proc"
    mount -t tmpfs -o mode=0777 tmpfs "$0/data"
    mount -o remount,bind,ro "$0"
    exec env -i "$(command -v chroot)" ${user} "$0" /usr/bin/ginnel "$@"
  `;
  return Bun.spawn(["unshare", ...namespaces, "sh", "-c", script, folder, ...args], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
}

/** To the program itself, which is process 1 in there: `unshare`, which waits for it, passes no signals on. */
async function signalInside({ pid }: Bun.Subprocess, signal: NodeJS.Signals): Promise<void> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  for (const child of children.split(" ").filter(Boolean)) process.kill(Number(child), signal);
}

describe("the minimal file system", () => {
  test("holds the program, the libraries of glibc, and nothing else", async () => {
    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    expect(files.map(({ name }) => name.replace(/^ld-linux.*/, "ld-linux")).sort()).toEqual(
      ["ginnel", "ld-linux", "libc.so.6", "libdl.so.2", "libm.so.6", "libpthread.so.0"].sort(),
    );
  });

  test("is enough for the program to run, read-only and as a user without a name", async () => {
    const child = spawnInside("version");
    const [stdout, stderr, status] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^ginnel version \d/),
      stderr: "",
    });
  });

  test("is enough for an edge, which writes nothing but its data and stops when it is told to", async () => {
    const ports = ["--http=127.0.0.1:0", "--https=127.0.0.1:0", "--tcp-ports=off"];
    const edge = spawnInside(
      "edge",
      "--domain=inside.test",
      "--data=/data",
      "--authtoken=inside_0123456789abcdef",
      ...ports,
    );
    try {
      let log = "";
      for await (const piece of edge.stdout) {
        log += Buffer.from(piece).toString();
        if (log.includes("edge ready")) break;
      }
      const port = /http=(\d+)/.exec(log)?.[1] ?? "";
      const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { Host: "nobody.inside.test" } });
      expect(answer.headers.get("ngrok-error-code")).toBe("ERR_NGROK_3200");
    } finally {
      await signalInside(edge, "SIGTERM");
    }
    expect(await edge.exited).toBe(0);
  });
});

import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, realpath, rename, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Refusal, openEnclosed } from "../../../../src/agent/upstream/file-server/enclosed-file.ts";

let base = "";
let folder = "";

beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), "ginnel-enclosed-")));
  folder = join(base, "served");
  await mkdir(join(folder, "sub/deep"), { recursive: true });
  await mkdir(join(base, "served-too"));
  await writeFile(join(base, "served-too/x"), "secret");
  await writeFile(join(base, "secret"), "secret");
  await writeFile(join(folder, "sub/x"), "public");
  await symlink("sub/x", join(folder, "inner"));
  await symlink("sub", join(folder, "inner-folder"));
  await symlink("../secret", join(folder, "outer"));
  await symlink(base, join(folder, "outer-folder"));
  await symlink("../served-too/x", join(folder, "neighbour"));
  await symlink("nowhere", join(folder, "dangling"));
  await symlink("circle", join(folder, "circle"));
  Bun.spawnSync(["mkfifo", join(folder, "fifo")]);
});

afterAll(() => rm(base, { recursive: true, force: true }));

async function kindOf(root: string, names: readonly string[]): Promise<Refusal | "file" | "folder"> {
  const found = await openEnclosed(root, names);
  if (typeof found === "string") return found;
  await found.close();
  return found.kind;
}

test.each([
  [[], "folder"],
  [["sub"], "folder"],
  [["sub", "x"], "file"],
  [["inner"], "file"],
  [["inner-folder", "x"], "file"],
  [["missing"], "absent"],
  [["sub", "x", "y"], "absent"],
  [["a".repeat(5000)], "absent"],
  [["dangling"], "absent"],
  [["circle"], "forbidden"],
  [["outer"], "forbidden"],
  [["outer-folder"], "forbidden"],
  [["outer-folder", "secret"], "forbidden"],
  [["outer-folder", "served", "sub", "x"], "file"],
  [["neighbour"], "forbidden"],
  [["fifo"], "forbidden"],
] as const)("openEnclosed finds at %j: %s", async (names, expected) => {
  expect(await kindOf(folder, names)).toBe(expected);
});

test("openEnclosed serves a folder that is itself reached over a link", async () => {
  await symlink(folder, join(base, "link"));
  expect(await kindOf(join(base, "link"), ["sub", "x"])).toBe("file");
  expect(await kindOf(join(base, "link"), ["outer"])).toBe("forbidden");
});

test("openEnclosed says of a folder that is gone: absent", async () => {
  expect(await kindOf(join(base, "gone"), [])).toBe("absent");
});

test("openEnclosed lists a folder under its stable path after the name has become a way out", async () => {
  await mkdir(join(folder, "swap"));
  await writeFile(join(folder, "swap/public"), "");
  const found = await openEnclosed(folder, ["swap"]);
  if (typeof found === "string" || found.kind !== "folder") throw new Error("the folder was not found");
  await rename(join(folder, "swap"), join(folder, "swapped"));
  await symlink(base, join(folder, "swap"));
  expect(await readdir(found.stablePath)).toEqual(["public"]);
  await found.close();
  await unlink(join(folder, "swap"));
});

test("openEnclosed never opens a secret while a name changes between a file and a link that leads out", async () => {
  const name = join(folder, "flicker");
  const stop = new AbortController();
  const flicker = (async () => {
    for (let round = 0; !stop.signal.aborted; round++) {
      const next = `${name}-next`;
      await (round % 2 === 0 ? symlink("../secret", next) : writeFile(next, "public"));
      await rename(next, name);
    }
  })();
  const seen = new Set<string>();
  for (let attempt = 0; attempt < 2000; attempt++) {
    const found = await openEnclosed(folder, ["flicker"]);
    if (typeof found === "string") {
      seen.add(found);
      continue;
    }
    seen.add(found.kind === "file" ? await found.handle.readFile("utf8") : found.kind);
    await found.close();
  }
  stop.abort();
  await flicker;
  expect([...seen].filter((outcome) => !["public", "", "forbidden", "absent"].includes(outcome))).toEqual([]);
});

test("openEnclosed leaves no descriptor behind", async () => {
  const countBefore = (await readdir("/proc/self/fd")).length;
  for (let round = 0; round < 50; round++) {
    for (const names of [["outer"], ["fifo"], ["sub", "x"], ["sub"], ["missing"]]) await kindOf(folder, names);
  }
  expect((await readdir("/proc/self/fd")).length - countBefore).toBeLessThan(20);
});

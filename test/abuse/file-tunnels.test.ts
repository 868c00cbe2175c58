/** Visitors of a folder that is published, who want what is beside it: by the spelling of a path, by links, and by being quick. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { rawVisitor } from "../support/raw-end.ts";
import { RawHttp2Visitor } from "../support/raw-http2-visitor.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { LAYOUTS, SCHEMES, TunnelSystem } from "../support/tunnel-system.ts";
import { visit } from "../support/visit.ts";

setDefaultTimeout(60_000);
const PATIENCE_MS = 50_000;

const SECRET = "nobody may see this";
/** The names of secrets stand in no listing. */
const SECRET_NAME = "their-secret";
const RACING_VISITORS = 8;
const ROUNDS = 150;

let base: TemporaryFolder;
let served: string;
beforeAll(async () => {
  base = new TemporaryFolder();
  served = base.file("served");
  await mkdir(join(served, "sub/deep"), { recursive: true });
  await mkdir(join(served, "flip"));
  await mkdir(base.file("served-too"));
  await mkdir(base.file("outside/deep"), { recursive: true });
  for (const name of [
    SECRET_NAME,
    `served-too/${SECRET_NAME}`,
    `outside/${SECRET_NAME}`,
    `outside/deep/${SECRET_NAME}`,
  ]) {
    await writeFile(base.file(name), SECRET);
  }
  await writeFile(join(served, "sub/deep/public"), "public");
  await writeFile(join(served, "flip/public"), "public");
  await symlink(`../${SECRET_NAME}`, join(served, "file-out"));
  await symlink(base.path, join(served, "folder-out"));
  await symlink("/", join(served, "root-out"));
  await symlink("../served-too", join(served, "neighbour-out"));
  await symlink("file-out", join(served, "link-to-link-out"));
  await symlink("../../outside", join(served, "sub/deep/out"));
  await symlink("/proc/self", join(served, "process-out"));
});
afterAll(() => base[Symbol.dispose]());

/** Ways up that some reader, somewhere, takes for one; each stands before what is asked for. */
const WAYS_UP = [
  "/..",
  "/sub/../..",
  "/sub/deep/../../..",
  "/%2e%2e",
  "/%2E%2E",
  "/.%2e",
  "/%2e.",
  "/..%2f",
  "/%2e%2e%2f",
  "/sub%2f..%2f..",
  "/%252e%252e",
  "/%252e%252e%252f",
  "/%25252e%25252e",
  "/..%5c",
  "/..\\",
  "/%2e%2e%5c",
  "/..%00",
  "/..%00/",
  "/%00/..",
  "/sub/%00../..",
  "/..;",
  "/..;/",
  "/.../",
  "/....//",
  "/..%20",
  "/..%09",
  "/%c0%ae%c0%ae",
  "/%c0%ae%c0%ae%c0%af",
  "/%e0%80%ae%e0%80%ae",
  "/%uff0e%uff0e",
  "/%ef%bc%8e%ef%bc%8e",
  "/\uff0e\uff0e",
  "/\u2025",
  "/%e2%80%a5",
  "/\u2024\u2024",
  "/..%ef%bc%8f",
  "/..%c0%af",
  "//..",
  "/./..",
  "/sub//..//..",
  "/..?",
  "/..#",
] as const;

/** What is asked for behind a way up. */
function wantedAbove(): readonly string[] {
  return [SECRET_NAME, `served-too/${SECRET_NAME}`, `${basename(base.path)}/${SECRET_NAME}`, ""];
}

const LINKS = [
  "/file-out",
  "/link-to-link-out",
  `/folder-out/${SECRET_NAME}`,
  `/folder-out/outside/deep/${SECRET_NAME}`,
  `/neighbour-out/${SECRET_NAME}`,
  `/sub/deep/out/${SECRET_NAME}`,
  "/folder-out",
  "/folder-out/",
  "/neighbour-out/",
  "/sub/deep/out/",
  "/root-out/",
  "/root-out/etc/passwd",
  "/process-out/environ",
  "/process-out/root/etc/passwd",
  "/process-out/cwd/",
  "/process-out/fd/",
] as const;

function expectNoSecret(shown: string, text: string): void {
  const leak = [SECRET, SECRET_NAME, "root:x:0:0", "HOME="].filter((mark) => text.includes(mark));
  expect([shown, leak]).toEqual([shown, []]);
}

interface Shown {
  readonly target: string;
  readonly wanted: string;
  readonly text: string;
  readonly status: number;
}

function expectNoWayUp(way: string, { target, wanted, text, status }: Shown): void {
  const shown = `${target}: ${status}`;
  // The page of a refusal may name the path that was asked for.
  expectNoSecret(shown, text.replaceAll(wanted === "" ? "\0" : wanted, ""));
  // What stands behind these two is no path.
  const mayServe = way.endsWith("?") || way.endsWith("#");
  expect([shown, [200, 206].includes(status) && !mayServe]).toEqual([shown, false]);
}

describe.each(LAYOUTS)("file:// through %s", (layout) => {
  let system: TunnelSystem;
  beforeAll(async () => {
    system = await TunnelSystem.start(layout, { files: { addr: `file://${served}` } });
  });
  afterAll(() => system[Symbol.asyncDispose]());

  async function raw(target: string, scheme: (typeof SCHEMES)[number] = "http"): Promise<string> {
    const place = system.place("files", scheme);
    const visitor = await rawVisitor(place, PATIENCE_MS);
    // Octets of UTF-8, as no browser but every program can send them.
    const head = `GET ${target} HTTP/1.1\r\nHost: ${place.authority}\r\nConnection: close\r\n\r\n`;
    visitor.connection.write(Buffer.from(head));
    const text = await visitor.getsEnd();
    visitor.connection.reset();
    return text;
  }

  const http2 = (): Promise<RawHttp2Visitor> => RawHttp2Visitor.open(system.place("files"), PATIENCE_MS);

  test("file:// serves what is in the folder", async () => {
    for (const scheme of SCHEMES) expect(await raw("/sub/deep/public", scheme)).toEndWith("\r\n\r\npublic");
    using visitor = await http2();
    for (const path of ["/sub/deep/public", "/sub/%64eep/public"]) {
      expect(await visitor.get(path)).toEqual({ status: 200, body: "public" });
    }
  });

  test.each(WAYS_UP)("file:// shows nothing of what is above it by %j", async (way) => {
    const { authority } = system.place("files", "http");
    for (const wanted of wantedAbove()) {
      for (const target of [`${way}/${wanted}`, `${way}${wanted}`, `http://${authority}${way}/${wanted}`]) {
        const text = await raw(target);
        const [head = ""] = text.split("\r\n\r\n");
        expectNoWayUp(way, { target, wanted, text, status: Number(head.slice(9, 12)) });
      }
    }
  });

  test.each(WAYS_UP)("file:// shows nothing of what is above it behind TLS by %j", async (way) => {
    const target = `${way}/${SECRET_NAME}`;
    const text = await raw(target, "https");
    expectNoWayUp(way, { target, wanted: SECRET_NAME, text, status: Number(text.slice(9, 12)) });
  });

  test.each(WAYS_UP)("file:// shows nothing of what is above it over HTTP/2 by %j", async (way) => {
    const { authority } = system.place("files");
    using visitor = await http2();
    for (const wanted of wantedAbove()) {
      for (const target of [`${way}/${wanted}`, `${way}${wanted}`, `https://${authority}${way}/${wanted}`]) {
        const { status = 0, body } = await visitor.get(target);
        expectNoWayUp(way, { target, wanted, text: body, status });
      }
    }
  });

  test.each(LINKS)("file:// follows no link out of the folder: %s", async (target) => {
    const text = await raw(target);
    expectNoSecret(target, text.slice(text.indexOf("\r\n\r\n")).replaceAll(target, ""));
    expect(text).toMatch(/^HTTP\/1\.1 40[34] /);
    using visitor = await http2();
    const { status = 403, body } = await visitor.get(target);
    expectNoSecret(target, body.replaceAll(target, ""));
    expect(status === 403 || status === 404).toBe(true);
  });

  /** Visitors who race for what turns into a way out, and what each path answered with; of bodies it sees only what is not served. */
  async function race(
    flip: () => Promise<void>,
    paths: readonly string[],
    rounds: number,
  ): Promise<ReadonlySet<string>> {
    const stop = new AbortController();
    const flipping = (async () => {
      while (!stop.signal.aborted) await flip();
    })();
    const seen = new Set<string>();
    const { host, port } = system.place("files", "http");
    const overHttp1 = async (path: string) => {
      const { status, body } = await visit(host, { port, path });
      return { status, text: body.toString() };
    };
    const racing = Array.from({ length: RACING_VISITORS }, async (_, at) => {
      using visitor = at % 2 === 0 ? undefined : await http2();
      for (let round = 0; round < rounds; round++) {
        const path = paths[round % paths.length] ?? "/";
        const { status, text } = visitor === undefined ? await overHttp1(path) : await overHttp2(visitor, path);
        expectNoSecret(path, text.replaceAll(path, ""));
        seen.add(`${visitor === undefined ? "HTTP/1.1" : "HTTP/2"} ${path} ${status}`);
      }
    });
    await Promise.all(racing).finally(() => stop.abort());
    await flipping;
    return seen;
  }

  /** It was both: served, and a way out that was refused or something that was gone for a moment. */
  function expectBoth(seen: ReadonlySet<string>, path: string): void {
    for (const version of ["HTTP/1.1", "HTTP/2"]) {
      const outcomes = [...seen].filter((outcome) => outcome.startsWith(`${version} ${path} `));
      const isRefused = outcomes.some((outcome) => /40[34]$/.test(outcome));
      expect([version, outcomes.includes(`${version} ${path} 200`), isRefused]).toEqual([version, true, true]);
    }
  }

  test("file:// shows nothing from outside while a folder turns into a link that leads out, and back", async () => {
    const [name, spare, link] = [join(served, "flip"), base.file("spare"), base.file("link")];
    await symlink("../outside", link);
    const flip = async (): Promise<void> => {
      await rename(name, spare);
      await rename(link, name);
      await rename(name, link);
      await rename(spare, name);
    };
    const inside = ["/flip/", "/flip/deep/", `/flip/${SECRET_NAME}`, `/flip/deep/${SECRET_NAME}`];
    const seen = await race(flip, ["/flip/public", ...inside], ROUNDS);
    await rm(link);
    expectBoth(seen, "/flip/public");
  });

  test("file:// shows nothing from outside while a file turns into a link that leads out, and back", async () => {
    const [name, next] = [join(served, "flicker"), base.file("flicker-next")];
    const put = async (make: () => Promise<void>): Promise<void> => {
      await make();
      await rename(next, name);
    };
    const flip = async (): Promise<void> => {
      await put(() => writeFile(next, "public"));
      await put(() => symlink(base.file(SECRET_NAME), next));
    };
    await put(() => writeFile(next, "public"));
    expectBoth(await race(flip, ["/flicker"], ROUNDS), "/flicker");
    await rm(name);
  });
});

/** Statuses that are literals on the wire are those of refusals; 403 is one. */
async function overHttp2(
  visitor: RawHttp2Visitor,
  path: string,
): Promise<{ readonly status: number; readonly text: string }> {
  const { status = 403, body } = await visitor.get(path);
  return { status, text: body };
}

import { afterEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { ExpectedName } from "../../../src/edge/returning/expected-names.ts";
import { onlineNamesText } from "../../../src/edge/returning/online-names.ts";
import { OnlineNamesFile, RECENT_MS } from "../../../src/edge/returning/online-names-file.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { recordingLog } from "../../support/recording-log.ts";
import { TemporaryFolder } from "../../support/temporary-folder.ts";
import { eventually, quiet } from "../../support/turns.ts";

const APP: ExpectedName = { place: "https", host: "app.edge.test" };
const OTHER: ExpectedName = { place: "http", host: "other.edge.test" };
const GATHER_MS = 50;
const CHANGED_MS = 1_000;
const UNCHANGED_MS = 15_000;
const SEAL_MS = 2_000;

/** Whose wall clock begins at the time of the test, so that it goes with those of files. */
class DatedClock extends ManualClock {
  readonly #startMs = Math.ceil(Date.now() / 1000) * 1000;

  override date(): Date {
    return new Date(this.#startMs + this.nowMs());
  }
}

const scenes: Scene[] = [];
afterEach(async () => {
  for (const scene of scenes.splice(0)) await scene.end();
});

class Scene {
  readonly clock = new DatedClock();
  readonly folder = new TemporaryFolder();
  readonly path = this.folder.file("data/online-names.json");
  online: readonly ExpectedName[] = [];
  readonly #log = recordingLog();
  readonly #opened: OnlineNamesFile[] = [];

  constructor() {
    scenes.push(this);
  }

  /** What the file says, and its time; by the clock. */
  write(text: string, ageMs = 0): void {
    mkdirSync(dirname(this.path), { recursive: true });
    writeFileSync(this.path, text);
    const at = new Date(this.clock.date().getTime() - ageMs);
    utimesSync(this.path, at, at);
  }

  async open(): Promise<OnlineNamesFile> {
    const file = await OnlineNamesFile.open({ path: this.path, clock: this.clock, log: this.#log.log });
    this.#opened.push(file);
    file.keep(() => this.online);
    return file;
  }

  get text(): string | undefined {
    try {
      return readFileSync(this.path, "utf8");
    } catch {
      return undefined;
    }
  }

  /** Waits until the file names what is online now. */
  kept(): Promise<void> {
    return eventually("the file says what is online", () => this.text === onlineNamesText(this.online));
  }

  /** Writing hangs from now on, until the answer is called, which leaves no file. */
  hang(): () => Promise<void> {
    mkdirSync(dirname(this.path), { recursive: true });
    expect(Bun.spawnSync(["mkfifo", `${this.path}.tmp`]).success).toBe(true);
    return async () => {
      await Bun.file(`${this.path}.tmp`).text();
      await eventually("the write has ended", () => existsSync(this.path));
      rmSync(this.path);
    };
  }

  get warnings(): readonly string[] {
    return this.#log.lines.map(({ level, message }) => `${level} ${message}`);
  }

  async end(): Promise<void> {
    for (const file of this.#opened) await file[Symbol.asyncDispose]();
    this.folder[Symbol.dispose]();
  }
}

describe("OnlineNamesFile.open", () => {
  const TEXT = onlineNamesText([APP, OTHER]);

  test.each([
    ["just now", 0, [APP, OTHER]],
    ["a minute ago", RECENT_MS, [APP, OTHER]],
    ["longer ago", RECENT_MS + 1_000, []],
    ["by a clock that was ahead", -RECENT_MS, [APP, OTHER]],
  ])("tells the names of a file that was written %s", async (_, ageMs, names) => {
    const s = new Scene();
    s.write(TEXT, ageMs);
    expect((await s.open()).recent).toEqual(names);
    expect(s.warnings).toEqual([]);
  });

  test("tells no names where there is no file, and says nothing", async () => {
    const s = new Scene();
    expect((await s.open()).recent).toEqual([]);
    expect(s.warnings).toEqual([]);
  });

  test.each([
    ["is no such file", (s: Scene) => s.write("{")],
    ["is a folder", (s: Scene) => mkdirSync(s.path, { recursive: true })],
  ])("tells no names of what %s, with a line in the log", async (_, make) => {
    const s = new Scene();
    make(s);
    expect((await s.open()).recent).toEqual([]);
    expect(s.warnings).toEqual(["warn names that were online cannot be read, nobody waits for them"]);
  });
});

describe("OnlineNamesFile", () => {
  test("writes what is online soon after a change, for its user only, and leaves no draft", async () => {
    const s = new Scene();
    const file = await s.open();
    s.online = [APP];
    file.changed();
    file.changed();
    expect(s.clock.pending).toBe(1);
    s.clock.advance(GATHER_MS);
    await s.kept();
    expect(statSync(s.path).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(s.path)).mode & 0o777).toBe(0o700);
    expect(readdirSync(dirname(s.path))).toEqual(["online-names.json"]);
  });

  test("writes once a second at most while names change", async () => {
    const s = new Scene();
    const file = await s.open();
    s.online = [APP];
    file.changed();
    s.clock.advance(GATHER_MS);
    await s.kept();
    const before = s.text;
    s.online = [APP, OTHER];
    file.changed();
    s.clock.advance(CHANGED_MS - 1);
    await quiet();
    expect(s.text).toBe(before);
    // Which of the two times it waits for goes by whether the first write was over when the names changed.
    s.clock.advance(GATHER_MS);
    await s.kept();
  });

  test("writes again while nothing changes, so that the file is never old", async () => {
    const s = new Scene();
    s.online = [APP];
    await s.open();
    s.clock.advance(UNCHANGED_MS);
    await s.kept();
    rmSync(s.path);
    await eventually("it is there again", () => {
      s.clock.advance(UNCHANGED_MS);
      return s.text === onlineNamesText(s.online);
    });
  });

  test("keeps what is online when it is sealed, and none of what comes behind", async () => {
    const s = new Scene();
    const file = await s.open();
    s.online = [APP];
    file.changed();
    await file.seal();
    expect(s.text).toBe(onlineNamesText([APP]));
    s.online = [];
    file.changed();
    await file[Symbol.asyncDispose]();
    expect([s.text, s.clock.pending]).toEqual([onlineNamesText([APP]), 0]);
  });

  test("keeps what is online when it is sealed, also where it has not changed", async () => {
    const s = new Scene();
    s.online = [APP];
    await (await s.open()).seal();
    expect(s.text).toBe(onlineNamesText([APP]));
  });

  test("writes what has changed during a slow write soon behind it", async () => {
    const s = new Scene();
    const file = await s.open();
    const goOn = s.hang();
    file.changed();
    s.clock.advance(GATHER_MS);
    s.online = [APP];
    file.changed();
    s.clock.advance(CHANGED_MS);
    await goOn();
    await eventually("it is due", () => {
      if (s.clock.nowMs() < 2 * CHANGED_MS) s.clock.advance(1);
      return s.text === onlineNamesText(s.online);
    });
  });

  test("keeps nobody from stopping while a write hangs, and makes no old file look new", async () => {
    const s = new Scene();
    s.online = [APP];
    s.write(onlineNamesText([OTHER]), RECENT_MS);
    const { mtimeMs } = statSync(s.path);
    const file = await s.open();
    const goOn = s.hang();
    let isOver = false;
    const over = file[Symbol.asyncDispose]().then(() => {
      isOver = true;
    });
    await quiet();
    expect(isOver).toBe(false);
    s.clock.advance(SEAL_MS);
    await over;
    expect(statSync(s.path).mtimeMs).toBe(mtimeMs);
    rmSync(s.path);
    await goOn();
  });

  test("leaves a file as old as it is when it cannot write it, and tries once more when it is sealed", async () => {
    const s = new Scene();
    s.write(onlineNamesText([OTHER]), RECENT_MS);
    const { mtimeMs } = statSync(s.path);
    mkdirSync(`${s.path}.tmp/in-the-way`, { recursive: true });
    s.online = [APP];
    const file = await s.open();
    file.changed();
    s.clock.advance(GATHER_MS);
    await eventually("it was told", () => s.warnings.length > 0);
    await file[Symbol.asyncDispose]();
    expect(statSync(s.path).mtimeMs).toBe(mtimeMs);
    const next = await s.open();
    next.changed();
    s.clock.advance(CHANGED_MS);
    await eventually("it was told again", () => s.warnings.length > 1);
    rmSync(`${s.path}.tmp`, { recursive: true });
    await next.seal();
    expect(s.text).toBe(onlineNamesText([APP]));
  });

  test("is as old as the end of the edge, whatever the next one has written meanwhile", async () => {
    const s = new Scene();
    const file = await s.open();
    s.online = [APP];
    file.changed();
    await file.seal();
    s.write(onlineNamesText([OTHER]), 5 * RECENT_MS);
    await file[Symbol.asyncDispose]();
    expect((await s.open()).recent).toEqual([OTHER]);
  });

  test("tells once that it cannot write, and writes when it can", async () => {
    const s = new Scene();
    s.online = [APP];
    await s.open();
    mkdirSync(dirname(s.path));
    // In the way of the draft, for root too.
    mkdirSync(`${s.path}.tmp/in-the-way`, { recursive: true });
    for (let time = 0; time < 3; time += 1) {
      s.clock.advance(UNCHANGED_MS);
      await eventually("it was told", () => s.warnings.length > 0);
    }
    expect(s.warnings).toEqual(["warn names that are online are not kept for the next start"]);
    rmSync(`${s.path}.tmp`, { recursive: true });
    await eventually("it is written", () => {
      s.clock.advance(UNCHANGED_MS);
      return s.text === onlineNamesText([APP]);
    });
  });
});

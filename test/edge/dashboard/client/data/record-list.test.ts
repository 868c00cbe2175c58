import { describe, expect, test } from "bun:test";
import type { ApiRecord } from "../../../../../src/edge/dashboard/client/data/api-record.ts";
import {
  MOST_PAGES_ANEW,
  MOST_PAGES_SEARCHED,
  RecordList,
} from "../../../../../src/edge/dashboard/client/data/record-list.ts";

const PAGE = 2;

/** An edge with these records, newest last. */
function playedEdge(ids: readonly string[]) {
  const kept = [...ids];
  const played = {
    kept,
    state: "online",
    pagesRead: 0,
    failure: undefined as string | undefined,
    list: new RecordList(async (beforeId) => {
      if (played.failure !== undefined) throw new Error(played.failure);
      played.pagesRead += 1;
      const { state } = played;
      const fitting = kept.toReversed().filter((id) => beforeId === undefined || id < beforeId);
      return {
        records: fitting.slice(0, PAGE).map((id): ApiRecord => ({ id, state })),
        hasOlder: fitting.length > PAGE,
      };
    }),
  };
  return played;
}

function idsIn(list: RecordList): readonly string[] {
  return list.shown.value.records.map(({ id }) => id);
}

describe("RecordList", () => {
  test("shows one page after the other", async () => {
    const { list } = playedEdge(["a", "b", "c"]);
    expect(list.shown.value.isLoaded).toBe(false);
    await list.load();
    expect([idsIn(list), list.shown.value.hasOlder]).toEqual([["c", "b"], true]);
    await list.loadOlder();
    expect([idsIn(list), list.shown.value.hasOlder]).toEqual([["c", "b", "a"], false]);
  });

  test("keeps older pages when it looks anew", async () => {
    const { list, kept } = playedEdge(["a", "b", "c"]);
    await list.load();
    await list.loadOlder();
    kept.push("d");
    await list.load();
    expect([idsIn(list), list.shown.value.hasOlder]).toEqual([["d", "c", "b", "a"], false]);
  });

  test("reads all there is, to be searched", async () => {
    const { list } = playedEdge(["a", "b", "c", "d", "e"]);
    await list.load();
    await list.loadAll(new AbortController().signal);
    expect([idsIn(list), list.shown.value.hasOlder]).toEqual([["e", "d", "c", "b", "a"], false]);
  });

  test("reads so many pages to be searched and no more, and offers the others", async () => {
    const ids = Array.from({ length: (MOST_PAGES_SEARCHED + 2) * PAGE }, (_, at) => String(at).padStart(3, "0"));
    const played = playedEdge(ids);
    await played.list.load();
    await played.list.loadAll(new AbortController().signal);
    expect([played.pagesRead, played.list.shown.value.hasOlder]).toEqual([1 + MOST_PAGES_SEARCHED, true]);
  });

  test("reads no further for a search that is over", async () => {
    const played = playedEdge(["a", "b", "c", "d", "e"]);
    await played.list.load();
    const stop = new AbortController();
    const reading = played.list.loadAll(stop.signal);
    stop.abort();
    await reading;
    expect(played.list.shown.value.hasOlder).toBe(true);
  });

  test("reads no further for a search when a page fails", async () => {
    const played = playedEdge(["a", "b", "c", "d", "e"]);
    await played.list.load();
    played.failure = "unplugged";
    await played.list.loadAll(new AbortController().signal);
    expect(played.list.shown.value).toMatchObject({ failure: "unplugged", hasOlder: true });
  });

  test("looks anew at older pages as well", async () => {
    const played = playedEdge(["a", "b", "c", "d", "e"]);
    await played.list.load();
    await played.list.loadOlder();
    played.state = "offline";
    played.kept.splice(1, 1); // the oldest that is shown
    await played.list.load();
    expect(played.list.shown.value).toMatchObject({
      records: ["e", "d", "c", "a"].map((id) => ({ id, state: "offline" })),
      hasOlder: false,
    });
  });

  test("leaves no gap when more was made meanwhile than fits on a page", async () => {
    const { list, kept } = playedEdge(["a", "b", "c", "d", "e"]);
    await list.load();
    await list.loadOlder();
    kept.push("f", "g", "h");
    await list.load();
    expect([idsIn(list), list.shown.value.hasOlder]).toEqual([["h", "g", "f", "e", "d", "c", "b", "a"], false]);
  });

  test("looks at the newest page alone as long as nobody wanted older ones", async () => {
    const { list, kept } = playedEdge(["a", "b"]);
    await list.load();
    kept.push("c", "d", "e");
    await list.load();
    expect([idsIn(list), list.shown.value.hasOlder]).toEqual([["e", "d"], true]);
  });

  test("reads so many pages anew and no more, and offers the others", async () => {
    const ids = Array.from({ length: (MOST_PAGES_ANEW + 2) * PAGE }, (_, at) => String(at).padStart(3, "0"));
    const played = playedEdge(ids);
    await played.list.load();
    while (played.list.shown.value.hasOlder) await played.list.loadOlder();
    const before = played.pagesRead;
    await played.list.load();
    expect(played.pagesRead - before).toBe(MOST_PAGES_ANEW);
    expect(idsIn(played.list)).toEqual(ids.toReversed().slice(0, MOST_PAGES_ANEW * PAGE));
    expect(played.list.shown.value).toMatchObject({ hasOlder: true });
  });

  test("forgets what is gone when all fits on one page", async () => {
    const { list, kept } = playedEdge(["a", "b", "c"]);
    await list.load();
    kept.splice(0, 3, "c");
    await list.load();
    expect(idsIn(list)).toEqual(["c"]);
  });

  test("shows at once what was made, changed and deleted here", async () => {
    const { list } = playedEdge(["a", "b"]);
    await list.load();
    list.put({ id: "c", description: "new" });
    list.put({ id: "a", description: "changed" });
    list.remove("b");
    expect(list.shown.value.records).toEqual([
      { id: "c", description: "new" },
      { id: "a", description: "changed" },
    ]);
  });

  test("keeps what it shows when the edge does not answer", async () => {
    const played = playedEdge(["a"]);
    await played.list.load();
    played.failure = "offline";
    await played.list.load();
    expect(played.list.shown.value).toMatchObject({ records: [{ id: "a" }], failure: "offline" });
    played.failure = undefined;
    await played.list.load();
    expect(played.list.shown.value.failure).toBe("");
  });

  test("does not look while it is looking, and looks further back afterwards", async () => {
    const asked: (string | undefined)[] = [];
    const first = Promise.withResolvers<void>();
    const list = new RecordList(async (beforeId) => {
      asked.push(beforeId);
      await first.promise;
      return { records: [{ id: beforeId === undefined ? "b" : "a" }], hasOlder: beforeId === undefined };
    });
    const looks = [list.load(), list.load(), list.loadOlder()];
    expect(asked).toEqual([undefined]);
    first.resolve();
    await Promise.all(looks);
    expect([asked, idsIn(list)]).toEqual([
      [undefined, "b"],
      ["b", "a"],
    ]);
  });

  test("looks again when something was made or deleted while it was looking", async () => {
    const played = playedEdge(["a", "b"]);
    const looked = played.list.load();
    played.kept.push("c");
    played.list.put({ id: "c" });
    await looked;
    expect(idsIn(played.list)).toEqual(["c", "b"]);
  });
});

import { expect, test } from "bun:test";
import { ChangeFeed } from "../../src/store/change-feed.ts";
import type { LoggedChange, LoggedChanges } from "../../src/store/change-log.ts";
import type { Change } from "../../src/store/store.ts";
import { UnreadableChange } from "../../src/store/unreadable-change.ts";
import { anAccount } from "../support/store-records.ts";

function logged(seq: number): LoggedChange {
  return { seq, change: { type: "account", action: "created", record: anAccount({ name: `${seq}` }) } };
}

function whole(changes: readonly LoggedChange[]): LoggedChanges {
  return { changes, isWhole: true };
}

function nameOf({ record }: Change): string {
  return "name" in record ? record.name : "";
}

/** Reads two at a time from a log that grows. */
function scene(told = 0): { log: LoggedChange[]; faults: unknown[]; names: string[]; feed: ChangeFeed } {
  const log: LoggedChange[] = [];
  const faults: unknown[] = [];
  const names: string[] = [];
  const read = (after: number): Promise<LoggedChanges> =>
    Promise.resolve(whole(log.filter(({ seq }) => seq > after).slice(0, 2)));
  const feed = new ChangeFeed(read, told, (error) => faults.push(error));
  feed.listen((changes) => names.push(...changes.map(nameOf)));
  return { log, faults, names, feed };
}

test("ChangeFeed tells everything once and in order, however often it is woken", async () => {
  const { log, names, feed } = scene(3);
  log.push(...[2, 3, 4, 7, 8, 9].map(logged));
  await Promise.all([feed.catchUp(), feed.catchUp()]);
  log.push(logged(12));
  await feed.catchUp();
  expect(names).toEqual(["4", "7", "8", "9", "12"]);
});

test("ChangeFeed tells the other listeners when one fails, and reports it", async () => {
  const { log, faults, names, feed } = scene();
  const fault = new Error("of a listener");
  feed.listen(() => {
    throw fault;
  });
  const later: string[] = [];
  feed.listen((changes) => later.push(...changes.map(nameOf)));
  log.push(logged(1));
  await feed.catchUp();
  expect([names, later, faults]).toEqual([["1"], ["1"], [fault]]);
});

test("ChangeFeed tells later what it could not read now", async () => {
  const fault = new Error("gone");
  const faults: unknown[] = [];
  const answers = [Promise.reject(fault), Promise.resolve(whole([logged(1)]))];
  const feed = new ChangeFeed(
    () => answers.shift() ?? Promise.resolve(whole([])),
    0,
    (error) => faults.push(error),
  );
  const names: string[] = [];
  feed.listen((changes) => names.push(...changes.map(nameOf)));
  await feed.catchUp();
  expect([names, faults]).toEqual([[], [fault]]);
  await feed.catchUp();
  expect(names).toEqual(["1"]);
});

test("ChangeFeed tells a function twice that listens twice, and each ends for itself", async () => {
  const { log, feed } = scene();
  let calls = 0;
  const listener = (): void => void calls++;
  const stop = feed.listen(listener);
  feed.listen(listener);
  log.push(logged(1));
  await feed.catchUp();
  stop();
  log.push(logged(2));
  await feed.catchUp();
  expect(calls).toBe(3);
});

test("ChangeFeed tells a listener of the changes behind one that it failed at", async () => {
  const { log, faults, feed } = scene();
  const fault = new Error("of a listener");
  const heard: string[] = [];
  feed.listen((changes) => {
    for (const change of changes) {
      if (nameOf(change) === "1") throw fault;
      heard.push(nameOf(change));
    }
  });
  log.push(logged(1), logged(2));
  await feed.catchUp();
  expect([heard, faults]).toEqual([["2"], [fault]]);
});

test("ChangeFeed has everything read again before it goes on behind a gap, and tries again when that fails", async () => {
  const gap: LoggedChanges = { changes: [logged(9)], isWhole: false };
  const faults: unknown[] = [];
  const feed = new ChangeFeed(
    (after) => Promise.resolve(after === 3 ? gap : whole([])),
    3,
    (error) => faults.push(error),
  );
  const heard: string[] = [];
  const fault = new Error("the store is gone");
  const outcomes = [Promise.reject(fault), Promise.resolve()];
  feed.listen(
    (changes) => heard.push(...changes.map(nameOf)),
    async () => {
      heard.push("reload");
      await outcomes.shift();
    },
  );
  await feed.catchUp();
  expect([heard, faults]).toEqual([["reload"], [fault]]);
  await feed.catchUp();
  await feed.catchUp();
  expect(heard).toEqual(["reload", "reload", "9"]);
});

test("ChangeFeed passes over what cannot be read: of a kind that nobody knows with one report, else all is read again", async () => {
  const { log, faults, names, feed } = scene();
  const fault = new Error("unreadable there, too");
  feed.listen(
    () => {},
    () => {
      names.push("reload");
      return Promise.reject(fault);
    },
  );
  const [unknown, again] = [UnreadableChange.ofUnknownKind("robot"), UnreadableChange.ofUnknownKind("robot")];
  const damaged = UnreadableChange.ofRecord("account", 4, new Error("damaged"));
  log.push(logged(1), { seq: 2, change: unknown }, { seq: 3, change: again }, { seq: 4, change: damaged }, logged(5));
  await feed.catchUp();
  expect(names).toEqual(["1", "reload", "5"]);
  expect(faults).toEqual([unknown, damaged, fault]);
});

test("ChangeFeed has everything read again once for many that cannot be read, when no older change can take its place again", async () => {
  const damaged = (seq: number) => ({ seq, change: UnreadableChange.ofRecord("account", seq, new Error("damaged")) });
  const log = [damaged(1), logged(2), damaged(3), logged(4), damaged(5), logged(6)];
  const faults: unknown[] = [];
  const heard: string[] = [];
  const feed = new ChangeFeed(
    (after) => Promise.resolve(whole(log.filter(({ seq }) => seq > after))),
    0,
    (error) => faults.push(error),
  );
  feed.listen(
    (changes) => heard.push(...changes.map(nameOf)),
    () => Promise.resolve(void heard.push("reload")),
  );
  await feed.catchUp();
  expect(heard).toEqual(["2", "4", "reload", "6"]);
  expect(faults).toEqual([log[0], log[2], log[4]].map((line) => line?.change));
});

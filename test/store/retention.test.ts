import { describe, expect, test } from "bun:test";
import { AUDIT_KEPT_MS, CHANGES_KEPT_MS, Retention } from "../../src/store/retention.ts";
import type { Store } from "../../src/store/store.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { quiet } from "../support/turns.ts";

const HOUR_MS = 3_600_000;

/** A store that says as often as it is told to that there is more. */
class PlayedStore implements Pick<Store, "trim"> {
  readonly trims: Parameters<Store["trim"]>[0][] = [];
  more = 0;
  fault: Error | undefined;
  gate: Promise<void> | undefined;

  async trim(olderThan: Parameters<Store["trim"]>[0]): Promise<boolean> {
    this.trims.push(olderThan);
    await this.gate;
    if (this.fault !== undefined) throw this.fault;
    this.more -= 1;
    return this.more >= 0;
  }
}

const fail = (error: unknown): never => {
  throw error;
};

describe("Retention", () => {
  test("Retention looks at once and every hour, and takes step after step while there is more", async () => {
    const [store, clock] = [new PlayedStore(), new ManualClock()];
    store.more = 2;
    await using _ = new Retention(store, { clock, onFault: fail });
    const looks: number[] = [];
    for (const waitMs of [1_000, 1_000, HOUR_MS - 1, 1]) {
      await quiet();
      looks.push(store.trims.length);
      clock.advance(waitMs);
    }
    await quiet();
    expect([...looks, store.trims.length]).toEqual([1, 2, 3, 3, 4]);
  });

  test("Retention keeps changes for a week and the audit log for a year", async () => {
    const [store, clock] = [new PlayedStore(), new ManualClock()];
    const nowMs = clock.date().getTime();
    await using _ = new Retention(store, { clock, onFault: fail });
    const [{ changes, audit } = { changes: new Date(0), audit: new Date(0) }] = store.trims;
    expect([nowMs - changes.getTime(), nowMs - audit.getTime()]).toEqual([CHANGES_KEPT_MS, AUDIT_KEPT_MS]);
  });

  test("Retention tells of a store that fails, and tries again", async () => {
    const [store, clock] = [new PlayedStore(), new ManualClock()];
    const faults: unknown[] = [];
    store.fault = new Error("the disk is full");
    await using _ = new Retention(store, { clock, onFault: (error) => void faults.push(error) });
    await quiet();
    expect(faults).toEqual([store.fault]);
    store.fault = undefined;
    clock.advance(HOUR_MS);
    await quiet();
    expect([faults.length, store.trims.length]).toEqual([1, 2]);
  });

  test("Retention ends with the step that is under way, and leaves no timer", async () => {
    const [store, clock] = [new PlayedStore(), new ManualClock()];
    const { promise, resolve } = Promise.withResolvers<void>();
    store.gate = promise;
    store.more = 10;
    const retention = new Retention(store, { clock, onFault: fail });
    let hasEnded = false;
    const ended = retention[Symbol.asyncDispose]().then(() => (hasEnded = true));
    await quiet();
    expect(hasEnded).toBe(false);
    resolve();
    await ended;
    clock.advance(2 * HOUR_MS);
    await quiet();
    expect(store.trims).toHaveLength(1);
  });
});

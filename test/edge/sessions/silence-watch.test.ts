import { describe, expect, test } from "bun:test";
import {
  SilenceWatch,
  UNHEARD_MS,
  type WatchedSession,
  WORD_WITHIN_MS,
} from "../../../src/edge/sessions/silence-watch.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { quiet } from "../../support/turns.ts";

/** A session whose agent answers when the test says so. */
class PlayedSession implements WatchedSession {
  bytesHeard = 100;
  readonly asked: PromiseWithResolvers<boolean>[] = [];

  answersWithin(limitMs: number): Promise<boolean> {
    expect(limitMs).toBe(WORD_WITHIN_MS);
    const answer = Promise.withResolvers<boolean>();
    this.asked.push(answer);
    return answer.promise;
  }

  async answer(isHeard: boolean): Promise<void> {
    this.asked.at(-1)?.resolve(isHeard);
    await quiet();
  }
}

function scene() {
  const [session, clock] = [new PlayedSession(), new ManualClock()];
  const told: boolean[] = [];
  const watch = new SilenceWatch(session, clock, () => void told.push(watch.isSilent));
  /** Brings the watch to its question, unless it was heard of before. */
  const unheard = async (): Promise<void> => {
    clock.advance(UNHEARD_MS);
    await quiet();
  };
  return { session, clock, watch, told, unheard };
}

describe("SilenceWatch", () => {
  test("does nothing while nothing is sent to the agent", () => {
    const { clock, watch } = scene();
    expect([watch.isSilent, clock.pending]).toEqual([false, 0]);
  });

  test("does not ask an agent that is heard of", async () => {
    const { session, clock, watch, unheard } = scene();
    watch.expectWord();
    session.bytesHeard += 1;
    await unheard();
    expect([session.asked.length, watch.isSilent, clock.pending]).toEqual([0, false, 0]);
  });

  test("asks an agent that is not heard of, and believes its answer", async () => {
    const { session, clock, watch, told, unheard } = scene();
    watch.expectWord();
    await unheard();
    expect([session.asked.length, watch.isSilent]).toEqual([1, false]);
    await session.answer(true);
    expect([watch.isSilent, told, clock.pending]).toEqual([false, [], 0]);
  });

  test("calls an agent silent that does not answer, until it is heard of again", async () => {
    const { session, clock, watch, told, unheard } = scene();
    watch.expectWord();
    await unheard();
    await session.answer(false);
    expect([watch.isSilent, told]).toEqual([true, [true]]);
    watch.expectWord();
    expect(clock.pending).toBe(0);
    session.bytesHeard += 1;
    expect(watch.isSilent).toBe(false);
    watch.expectWord();
    await unheard();
    await session.answer(false);
    expect([watch.isSilent, told]).toEqual([true, [true, true]]);
  });

  test("believes a word that comes with the end of the time", async () => {
    const { session, watch, unheard } = scene();
    watch.expectWord();
    await unheard();
    session.bytesHeard += 1;
    await session.answer(true);
    expect(watch.isSilent).toBe(false);
  });

  test.each([
    ["before it looks", () => Promise.resolve()],
    ["while it asks", async ({ unheard }: ReturnType<typeof scene>) => unheard()],
  ])("looks again for what was sent %s", async (_, until) => {
    const s = scene();
    s.watch.expectWord();
    await until(s);
    s.watch.expectWord();
    s.watch.expectWord();
    s.session.bytesHeard += 1;
    await s.unheard();
    await s.session.answer(true);
    const askedBefore = s.session.asked.length;
    await s.unheard();
    expect(s.session.asked.length).toBe(askedBefore + 1);
    await s.session.answer(false);
    expect([s.watch.isSilent, s.clock.pending]).toEqual([true, 0]);
  });

  test.each([
    ["before it looks", () => Promise.resolve()],
    ["while it asks", async ({ unheard }: ReturnType<typeof scene>) => unheard()],
  ])("says nothing of a session that ends %s", async (_, until) => {
    const s = scene();
    s.watch.expectWord();
    await until(s);
    s.watch.stop();
    await s.unheard();
    await s.session.answer(false);
    s.watch.expectWord();
    expect([s.watch.isSilent, s.told, s.clock.pending]).toEqual([false, [], 0]);
  });
});

import { describe, expect, test } from "bun:test";
import { type OnlineRecords, OnlineReport, RETRY_MS } from "../../../src/edge/sessions/online-report.ts";
import { openStore } from "../../../src/store/open-store.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { recordingLog } from "../../support/recording-log.ts";
import { aSession, anAccount, anEndpoint } from "../../support/store-records.ts";
import { eventually, quiet } from "../../support/turns.ts";

class PlayedRecords implements OnlineRecords {
  readonly heard: string[] = [];
  fails = false;

  putSession = ({ id }: { readonly id: string }): Promise<void> => this.#hear(`session ${id}`);
  removeSession = (id: string): Promise<void> => this.#hear(`no session ${id}`);
  putEndpoint = ({ id }: { readonly id: string }): Promise<boolean> => this.#hear(`endpoint ${id}`).then(() => true);
  removeEndpoint = (id: string): Promise<void> => this.#hear(`no endpoint ${id}`);

  #hear(what: string): Promise<void> {
    if (this.fails) return Promise.reject(new Error("the disk is full"));
    this.heard.push(what);
    return Promise.resolve();
  }
}

const session = aSession("acct_1");
const endpoint = anEndpoint(session);

describe("OnlineReport", () => {
  test("tells what comes and goes, in order", async () => {
    const records = new PlayedRecords();
    const report = new OnlineReport({ records, clock: new ManualClock(), log: recordingLog().log });
    report.sessionStarted(session);
    report.endpointStarted(endpoint);
    await quiet();
    report.endpointEnded(endpoint.id);
    report.sessionEnded(session.id);
    await quiet();
    const [s, e] = [session.id, endpoint.id];
    expect(records.heard).toEqual([`session ${s}`, `endpoint ${e}`, `no endpoint ${e}`, `no session ${s}`]);
  });

  test("keeps an endpoint on record that another session of its agent still serves", async () => {
    const records = new PlayedRecords();
    const report = new OnlineReport({ records, clock: new ManualClock(), log: recordingLog().log });
    const other = aSession("acct_1");
    for (const { id: sessionId } of [session, other]) report.endpointStarted({ ...endpoint, sessionId });
    await quiet();
    records.heard.length = 0;
    report.sessionEnded(other.id);
    report.sessionEnded(session.id);
    await quiet();
    expect(records.heard).toEqual([`no session ${other.id}`, `endpoint ${endpoint.id}`, `no session ${session.id}`]);
  });

  test("leaves the endpoints of other sessions alone when one ends, and those that have ended", async () => {
    const records = new PlayedRecords();
    const report = new OnlineReport({ records, clock: new ManualClock(), log: recordingLog().log });
    const other = aSession("acct_1");
    const [kept, ended] = [anEndpoint(other), anEndpoint(session)];
    for (const one of [endpoint, kept, ended]) report.endpointStarted(one);
    report.endpointStarted({ ...ended, sessionId: other.id });
    report.endpointEnded(ended.id);
    await quiet();
    records.heard.length = 0;
    report.sessionEnded(session.id);
    await quiet();
    expect(records.heard).toEqual([`no session ${session.id}`]);
    expect([endpoint, kept, ended].map(({ id }) => report.endpoint(id))).toEqual([undefined, kept, undefined]);
  });

  test("tells again what failed, the latest of each record only, and logs it once", async () => {
    const records = new PlayedRecords();
    const clock = new ManualClock();
    const { log, lines } = recordingLog();
    const report = new OnlineReport({ records, clock, log });
    records.fails = true;
    report.sessionStarted(session);
    report.endpointStarted(endpoint);
    report.endpointEnded(endpoint.id);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await quiet();
      clock.advance(RETRY_MS);
    }
    expect(records.heard).toEqual([]);
    records.fails = false;
    await quiet();
    clock.advance(RETRY_MS);
    await eventually("all was told", () => records.heard.length === 2);
    expect(records.heard).toEqual([`session ${session.id}`, `no endpoint ${endpoint.id}`]);
    await quiet();
    expect(clock.pending).toBe(0);
    expect(lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
      "warn who is online cannot be recorded",
      "info who is online is recorded again",
    ]);
  });

  test("fits the live records of a store", async () => {
    const store = await openStore("sqlite::memory:", { secretsKey: new Uint8Array(32) });
    try {
      const { live } = store;
      const told = Promise.withResolvers<void>();
      const records: OnlineRecords = {
        putSession: (one) => live.putSession(one).then(told.resolve),
        removeSession: (id) => live.removeSession(id),
        putEndpoint: (one) => live.putEndpoint(one),
        removeEndpoint: (id) => live.removeEndpoint(id),
      };
      const report = new OnlineReport({ records, clock: new ManualClock(), log: recordingLog().log });
      const online = aSession(anAccount().id);
      report.sessionStarted(online);
      await told.promise;
      expect(await store.live.getSession(online.id)).toEqual(online);
    } finally {
      await store.close();
    }
  });
});

import { afterAll, afterEach, describe, expect, test } from "bun:test";
import { systemClock } from "../../../src/base/clock.ts";
import { PendingChallenges } from "../../../src/edge/certificates/pending-challenges.ts";
import { RecordCertificateStore } from "../../../src/edge/records/record-certificate-store.ts";
import { SharedChallenges } from "../../../src/edge/records/shared-challenges.ts";
import type { OrderChallenge } from "../../../src/model/records/certificate-order.ts";
import { openStore } from "../../../src/store/open-store.ts";
import type { Change } from "../../../src/store/store.ts";
import { PostgresDatabases } from "../../support/postgres-databases.ts";
import { recordingLog } from "../../support/recording-log.ts";
import { eventually, quiet } from "../../support/turns.ts";

const databases = await PostgresDatabases.start();
afterAll(() => databases[Symbol.asyncDispose]());

const NAMES = ["a.test"];
const HTTP: OrderChallenge = { type: "http-01", name: "a.test", token: "t", keyAuthorization: "t.key" };
const TLS: OrderChallenge = { ...HTTP, type: "tls-alpn-01" };
const TARGET = "/.well-known/acme-challenge/t";

interface Node {
  readonly own: PendingChallenges;
  readonly shared: SharedChallenges;
  readonly orders: RecordCertificateStore;
}

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function node(url: string, nodeId: string): Promise<Node> {
  const store = await openStore(url, { secretsKey: new Uint8Array(32) });
  const common = { store, nodeId, clock: systemClock, log: recordingLog().log };
  const own = new PendingChallenges(systemClock);
  const shared = await SharedChallenges.open({ ...common, own });
  ends.push(async () => {
    shared[Symbol.dispose]();
    await store.close();
  });
  return { own, shared, orders: new RecordCertificateStore(common) };
}

function isAnswered({ own }: Node, { type }: OrderChallenge): boolean {
  if (type === "http-01") return own.httpAnswer("a.test", TARGET) === "t.key";
  return own.tlsContext("a.test", ["acme-tls/1"]) !== undefined;
}

class SlowChallenges extends PendingChallenges {
  readonly heard: string[] = [];
  readonly ready = Promise.withResolvers<void>();

  override publish(_names: readonly string[], { type }: OrderChallenge): Promise<void> {
    this.heard.push(`publish ${type}`);
    return this.ready.promise;
  }

  override withdraw(_names: readonly string[], { type }: OrderChallenge): Promise<void> {
    this.heard.push(`withdraw ${type}`);
    return Promise.resolve();
  }
}

describe("SharedChallenges", () => {
  test.each([HTTP, TLS])("has every node answer a challenge that one of them published: %o", async (challenge) => {
    const url = await databases.create();
    const [one, two] = [await node(url, "one"), await node(url, "two")];
    await one.orders.claim(NAMES);
    await one.shared.publish(NAMES, challenge);
    expect([isAnswered(one, challenge), isAnswered(two, challenge)]).toEqual([true, true]);
    const late = await node(url, "late");
    await eventually("a node that came later answers", () => isAnswered(late, challenge));
    await one.shared.withdraw(NAMES, challenge);
    expect(isAnswered(one, challenge)).toBe(false);
    await eventually("the others answer no more", () => !isAnswered(two, challenge) && !isAnswered(late, challenge));
  });

  test("answers no longer for an order that has ended", async () => {
    const url = await databases.create();
    const [one, two] = [await node(url, "one"), await node(url, "two")];
    await one.orders.claim(NAMES);
    await one.shared.publish(NAMES, HTTP);
    await one.orders.putOff(NAMES, systemClock.date());
    await eventually("the other node answers no more", () => !isAnswered(two, HTTP));
  });

  test("follows the changes of one order in their order, however long the first takes, and others meanwhile", async () => {
    const own = new SlowChallenges(systemClock);
    const listeners = new Set<(changes: readonly Change[]) => void>();
    const store = {
      all: () => Promise.resolve([]),
      change: () => Promise.reject(new Error("nothing is changed here")),
      listen: (listener: (changes: readonly Change[]) => void) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    };
    const common = { nodeId: "one", clock: systemClock, log: recordingLog().log };
    using _ = await SharedChallenges.open({ ...common, store, own });
    const hear = (id: string, challenges: readonly OrderChallenge[]): void => {
      const record = { id, createdAt: new Date(0), names: "a.test", notBefore: new Date(0), challenges };
      for (const listener of listeners) listener([{ type: "certificateOrder", action: "updated", record }]);
    };
    hear("one", [HTTP]);
    hear("one", []);
    hear("two", [TLS]);
    await quiet();
    expect(own.heard).toEqual(["publish http-01", "publish tls-alpn-01"]);
    own.ready.resolve();
    await quiet();
    expect(own.heard).toEqual(["publish http-01", "publish tls-alpn-01", "withdraw http-01"]);
  });
});

import type { Clock } from "../../base/clock.ts";
import type { Actor } from "../../model/records/audit-entry.ts";
import type { CertificateOrder, OrderChallenge } from "../../model/records/certificate-order.ts";
import type { Change, Store } from "../../store/store.ts";
import { faultFacts } from "../../telemetry/fault-facts.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { PendingChallenges } from "../certificates/pending-challenges.ts";
import type { ChallengeBoard } from "../certificates/shared-orders.ts";
import { followRecords } from "./follow-records.ts";
import { orderOf } from "./record-certificate-store.ts";

/** Other nodes hear of a change within a second, and then make themselves ready. */
const OTHERS_MS = 1_500;

export interface SharedChallengesOptions {
  readonly store: Pick<Store, "all" | "change" | "listen">;
  /** What this node answers with. */
  readonly own: PendingChallenges;
  /** For the audit log. */
  readonly nodeId: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * An authority that validates a name may come to any node: what one node publishes is in the store beside its order, and every node
 * takes it from there. Dispose it to stop following the store.
 */
export class SharedChallenges implements ChallengeBoard, Disposable {
  readonly #options: SharedChallengesOptions;
  readonly #actor: Actor;
  /** By the id of their order. */
  readonly #known = new Map<string, readonly OrderChallenge[]>();
  /** The last change of each order that is being followed, by its id. Never reject. */
  readonly #changes = new Map<string, Promise<void>>();
  #following: Disposable | undefined;

  private constructor(options: SharedChallengesOptions) {
    this.#options = options;
    this.#actor = { kind: "system", id: options.nodeId };
  }

  /** Rejects with a StoreError when the store fails. */
  static async open(options: SharedChallengesOptions): Promise<SharedChallenges> {
    const challenges = new SharedChallenges(options);
    const follow = (change: Change): void => challenges.#follow(change);
    challenges.#following = await followRecords(options.store, ["certificateOrder"], follow);
    return challenges;
  }

  [Symbol.dispose](): void {
    this.#following?.[Symbol.dispose]();
  }

  async publish(names: readonly string[], challenge: OrderChallenge): Promise<void> {
    const { own, clock } = this.#options;
    await own.publish(names, challenge);
    await this.#change(names, (challenges) => [...challenges, challenge]);
    await new Promise<void>((resolve) => clock.after(OTHERS_MS, resolve));
  }

  async withdraw(names: readonly string[], challenge: OrderChallenge): Promise<void> {
    await this.#options.own.withdraw(names, challenge);
    await this.#change(names, (challenges) => challenges.filter((other) => !isSame(other, challenge)));
  }

  async #change(
    names: readonly string[],
    changed: (challenges: readonly OrderChallenge[]) => readonly OrderChallenge[],
  ): Promise<void> {
    await this.#options.store.change(this.#actor, async (transaction) => {
      const order = await orderOf(transaction, names);
      if (order === undefined) return;
      await transaction.update("certificateOrder", order.id, { challenges: changed(order.challenges) });
    });
  }

  /** The changes of one order one after the other: to publish takes longer than to withdraw. */
  #follow({ type, action, record }: Change): void {
    if (type !== "certificateOrder") return;
    const { id } = record;
    const shown = (this.#changes.get(id) ?? Promise.resolve())
      .then(() => this.#show(record, action === "deleted" ? [] : record.challenges))
      .catch((error: unknown) => this.#options.log.error("a challenge cannot be shown", faultFacts(error)))
      .then(() => {
        if (this.#changes.get(id) === shown) this.#changes.delete(id);
      });
    this.#changes.set(id, shown);
  }

  async #show({ id, names }: CertificateOrder, challenges: readonly OrderChallenge[]): Promise<void> {
    const { own } = this.#options;
    const known = this.#known.get(id) ?? [];
    if (challenges.length === 0) this.#known.delete(id);
    else this.#known.set(id, challenges);
    const list = names.split(" ");
    for (const gone of known.filter((one) => !challenges.some((other) => isSame(one, other)))) {
      await own.withdraw(list, gone);
    }
    for (const added of challenges.filter((one) => !known.some((other) => isSame(one, other)))) {
      await own.publish(list, added);
    }
  }
}

function isSame(one: OrderChallenge, other: OrderChallenge): boolean {
  return one.type === other.type && one.name === other.name && one.keyAuthorization === other.keyAuthorization;
}

import type { OrderChallenge } from "../../model/records/certificate-order.ts";

/** What nodes that order with one account agree on, so that each certificate is ordered by one of them. */
export interface SharedOrders {
  /** "claimed": nobody else orders these names for a while. Otherwise somebody does, or has failed to: when to ask again. */
  claim(names: readonly string[]): Promise<"claimed" | Date>;
  /** The order has failed: nobody begins another one before. An order that succeeds ends with its certificate being kept. */
  putOff(names: readonly string[], notBefore: Date): Promise<void>;
}

/** Where the authority finds its answers. `names` are those of the order. */
export interface ChallengeBoard {
  /** Resolves when it is to be seen wherever the authority may come. */
  publish(names: readonly string[], challenge: OrderChallenge): Promise<void>;
  withdraw(names: readonly string[], challenge: OrderChallenge): Promise<void>;
}

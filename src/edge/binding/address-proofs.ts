/**
 * Proofs that a random TCP address was given to an account, which its agents keep and show when they bind again: so an edge knows
 * its own addresses again after a restart, and remembers none. Pure: the key comes from outside.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { formatHostPort, type HostPort } from "../../base/host-port.ts";

/** Of the key, and of a proof: those of SHA-256. */
export const ADDRESS_KEY_BYTES = 32;

/** What was given to whom. */
export interface GivenAddress extends HostPort {
  readonly accountId: string;
  /** Under which the agent binds it again (protocol.md section 8). */
  readonly bindId: string;
}

export class AddressProofs {
  readonly #key: Uint8Array;

  /** `key`: {@link ADDRESS_KEY_BYTES} random bytes. Proofs hold for all edges that have the same. */
  constructor(key: Uint8Array) {
    if (key.length !== ADDRESS_KEY_BYTES)
      throw new RangeError(`a key has ${ADDRESS_KEY_BYTES} bytes, not ${key.length}`);
    this.#key = key;
  }

  /** 43 characters of base64url: HMAC-SHA-256 (RFC 2104). For the agents of the account. */
  proofOf(given: GivenAddress): string {
    return this.#macOf(given).toString("base64url");
  }

  /** Whether `proof` is what {@link proofOf} answers for the address; the time that it takes tells nothing. */
  isProof(proof: string, given: GivenAddress): boolean {
    const right = Buffer.from(this.proofOf(given));
    const shown = Buffer.from(proof);
    return shown.length === right.length && timingSafeEqual(shown, right);
  }

  /** As JSON, so that no other four texts are the same octets. */
  #macOf({ accountId, bindId, host, port }: GivenAddress): Buffer {
    const address = formatHostPort({ host, port });
    return createHmac("sha256", this.#key)
      .update(JSON.stringify([accountId, address, bindId]))
      .digest();
  }
}

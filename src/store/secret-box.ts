import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { SECRETS_KEY_BYTES } from "../model/secrets-key.ts";

/** In front, so that another form can come later. */
const FORM = 1;
/** NIST SP 800-38D section 5.2.1.1: 96 bits, random; far fewer than 2^32 values are sealed with one key. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Seals texts with AES-256-GCM (NIST SP 800-38D), so that a stolen database or backup does not give them away. */
export class SecretBox {
  readonly #key: Uint8Array;

  /** `key`: {@link SECRETS_KEY_BYTES} random bytes. */
  constructor(key: Uint8Array) {
    if (key.length !== SECRETS_KEY_BYTES)
      throw new RangeError(`a key has ${SECRETS_KEY_BYTES} bytes, not ${key.length}`);
    this.#key = key;
  }

  /** `owner` is the id of the record that keeps it: sealed for one, it opens for no other. */
  seal(plain: string, owner: string): Uint8Array {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonce, { authTagLength: TAG_BYTES }).setAAD(
      Buffer.from(owner),
    );
    const sealed = [cipher.update(plain, "utf8"), cipher.final()];
    return Uint8Array.from(Buffer.concat([Buffer.of(FORM), nonce, ...sealed, cipher.getAuthTag()]));
  }

  /** `undefined` when it was sealed with another key or for another owner, or was changed since. */
  open(sealed: Uint8Array, owner: string): string | undefined {
    if (sealed[0] !== FORM || sealed.length < 1 + NONCE_BYTES + TAG_BYTES) return undefined;
    const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
    const decipher = createDecipheriv("aes-256-gcm", this.#key, nonce, { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(owner))
      .setAuthTag(sealed.subarray(-TAG_BYTES));
    try {
      const plain = [decipher.update(sealed.subarray(1 + NONCE_BYTES, -TAG_BYTES)), decipher.final()];
      return Buffer.concat(plain).toString("utf8");
    } catch {
      return undefined; // the tag does not fit
    }
  }

  /** Another key, of {@link SECRETS_KEY_BYTES}: the same for the same purpose, and nothing that leads to ours (RFC 5869). */
  keyFor(purpose: string): Uint8Array {
    return new Uint8Array(hkdfSync("sha256", this.#key, "", purpose, SECRETS_KEY_BYTES));
  }
}

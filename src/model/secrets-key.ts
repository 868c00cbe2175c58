/** The key that private keys among the records are sealed with, as people write it down. */

export const SECRETS_KEY_BYTES = 32;

/** For messages; how to come by one. */
export const SECRETS_KEY_SHAPE = `${SECRETS_KEY_BYTES * 2} hexadecimal digits, as "openssl rand -hex ${SECRETS_KEY_BYTES}" prints them`;

const DIGITS = new RegExp(`^[0-9a-f]{${SECRETS_KEY_BYTES * 2}}$`, "i");

/** `undefined` when the text is no key. Space around it, such as the end of a line, is passed over. */
export function parseSecretsKey(text: string): Uint8Array | undefined {
  const digits = text.trim();
  return DIGITS.test(digits) ? Uint8Array.fromHex(digits) : undefined;
}

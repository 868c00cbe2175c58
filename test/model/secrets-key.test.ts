import { expect, test } from "bun:test";
import { parseSecretsKey, SECRETS_KEY_BYTES, SECRETS_KEY_SHAPE } from "../../src/model/secrets-key.ts";

const DIGITS = "00ff".repeat(16);

test.each([DIGITS, DIGITS.toUpperCase(), ` ${DIGITS}\n`])("parseSecretsKey reads %j", (text) => {
  const key = parseSecretsKey(text);
  expect([key?.toHex(), key?.length]).toEqual([DIGITS, SECRETS_KEY_BYTES]);
});

test.each(["", "secret", DIGITS.slice(1), `${DIGITS}0`, DIGITS.replace("f", "g"), `${DIGITS}\n${DIGITS}`])(
  "parseSecretsKey finds no key in %j",
  (text) => {
    expect(parseSecretsKey(text)).toBeUndefined();
  },
);

test("SECRETS_KEY_SHAPE tells the number of digits, and how to make them", () => {
  expect(SECRETS_KEY_SHAPE).toBe('64 hexadecimal digits, as "openssl rand -hex 32" prints them');
});

import { expect, test } from "bun:test";
import { ADDRESS_KEY_BYTES, AddressProofs } from "../../../src/edge/binding/address-proofs.ts";

const KEY = new Uint8Array(ADDRESS_KEY_BYTES).fill(1);
const proofs = new AddressProofs(KEY);
const GIVEN = { accountId: "ac_1", bindId: "b1", host: "edge.test", port: 20_001 };
const PROOF = proofs.proofOf(GIVEN);

test("AddressProofs know what they gave, also in another process with the same key", () => {
  expect(PROOF).toMatch(/^[\w-]{43}$/);
  expect(proofs.isProof(PROOF, GIVEN)).toBe(true);
  expect(new AddressProofs(KEY).isProof(PROOF, GIVEN)).toBe(true);
});

test.each([
  ["account", { accountId: "ac_2" }],
  ["bind", { bindId: "b2" }],
  ["port", { port: 20_002 }],
  ["host", { host: "other.test" }],
  ["split of the same characters", { accountId: 'ac_1","edge.test:20001', bindId: "b1" }],
])("AddressProofs are none for another %s", (_, other) => {
  expect(proofs.isProof(PROOF, { ...GIVEN, ...other })).toBe(false);
});

test("AddressProofs are none under another key", () => {
  expect(new AddressProofs(KEY.with(0, 2)).isProof(PROOF, GIVEN)).toBe(false);
});

test("AddressProofs are none with any bit flipped", () => {
  const octets = Buffer.from(PROOF, "latin1");
  for (let bit = 0; bit < octets.length * 8; bit += 1) {
    const flipped = Buffer.from(octets);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(proofs.isProof(flipped.toString("latin1"), GIVEN)).toBe(false);
  }
});

test("AddressProofs are none when cut or longer", () => {
  for (let length = 0; length < PROOF.length; length += 1) {
    expect(proofs.isProof(PROOF.slice(0, length), GIVEN)).toBe(false);
  }
  expect(proofs.isProof(`${PROOF}=`, GIVEN)).toBe(false);
});

test.each([0, 31, 33])("AddressProofs take no key of %d bytes", (length) => {
  expect(() => new AddressProofs(new Uint8Array(length))).toThrow(RangeError);
});

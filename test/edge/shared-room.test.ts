import { expect, test } from "bun:test";
import { SharedRoom } from "../../src/edge/shared-room.ts";

test("SharedRoom gives each address its share, and all together no more than there is", () => {
  const room = new SharedRoom({ totalBytes: 15, addressBytes: 10 });
  expect(room.take("2001:db8::1", 10)).toBe(true);
  expect(room.take("2001:db8::2", 1)).toBe(false);
  expect(room.take("192.0.2.1", 6)).toBe(false);
  expect(room.take("192.0.2.1", 5)).toBe(true);
  room.give("2001:db8::ffff", 4);
  expect(room.take("2001:db8::1", 5)).toBe(false);
  expect(room.take("2001:db8::1", 4)).toBe(true);
});

import type { Refusal } from "./faults.ts";
import type { Version } from "./framing.ts";
import { digitValue } from "./octets.ts";

/** Octets of `HTTP/1.1`. */
export const VERSION_LENGTH = 8;

const SLASH = 0x2f;
const DOT = 0x2e;

/** Reads the version at `start` (RFC 9112 section 2.3: the name is case-sensitive). */
export function readVersion(raw: Uint8Array, start: number, refusal: Refusal): Version {
  const isVersion =
    raw[start] === 0x48 &&
    raw[start + 1] === 0x54 &&
    raw[start + 2] === 0x54 &&
    raw[start + 3] === 0x50 &&
    raw[start + 4] === SLASH &&
    raw[start + 6] === DOT;
  const major = digitValue(raw[start + 5]);
  const minor = digitValue(raw[start + 7]);
  if (!isVersion || major < 0 || minor < 0) throw refusal("version");
  if (major !== 1 || minor > 1) throw refusal("unsupported-version");
  return minor === 1 ? 11 : 10;
}

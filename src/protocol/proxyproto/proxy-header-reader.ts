import { ProtocolError } from "../../base/errors.ts";
import type { ProxiedConnection } from "./proxied-connection.ts";
import { parseVersion1, VERSION_1_LIMIT_BYTES } from "./version-1.ts";
import {
  parseVersion2,
  VERSION_2_BODY_LIMIT_BYTES,
  VERSION_2_HEADER_BYTES,
  VERSION_2_SIGNATURE,
  version2BodyBytes,
} from "./version-2.ts";

const VERSION_1_SIGNATURE: Uint8Array = Buffer.from("PROXY ", "latin1");
const CR = 0x0d;
const LF = 0x0a;

/** The header, and the bytes behind it that belong to the connection itself; they share memory with the chunk. */
export interface ProxyHeader {
  readonly connection: ProxiedConnection;
  readonly rest: Uint8Array;
}

/** Reads one PROXY header of either version from bytes cut anywhere. Keeps at most the longest header. */
export class ProxyHeaderReader {
  readonly #kept = new Uint8Array(VERSION_2_HEADER_BYTES + VERSION_2_BODY_LIMIT_BYTES);
  #filled = 0;
  /** Bytes of a header of version 2 once its length is known. */
  #wholeBytes: number | undefined;

  /**
   * Takes the next bytes of the front. Do not call again after an answer other than "more".
   * @throws ProtocolError when the connection does not begin with a header.
   */
  receive(chunk: Uint8Array): "more" | ProxyHeader {
    for (const [at, byte] of chunk.entries()) {
      this.#kept[this.#filled++] = byte;
      const connection = this.#kept[0] === CR ? this.#stepVersion2() : this.#stepVersion1();
      if (connection !== undefined) return { connection, rest: chunk.subarray(at + 1) };
    }
    return "more";
  }

  #stepVersion1(): ProxiedConnection | undefined {
    const { length } = VERSION_1_SIGNATURE;
    this.#expectSignature(VERSION_1_SIGNATURE);
    if (this.#filled <= length) return undefined;
    const last = this.#kept[this.#filled - 1];
    if (last === LF && this.#kept[this.#filled - 2] === CR) {
      return parseVersion1(Buffer.from(this.#kept.subarray(0, this.#filled - 2)).toString("latin1"));
    }
    if (last === LF) throw new ProtocolError("a PROXY header that ends without CR");
    if (this.#filled >= VERSION_1_LIMIT_BYTES) {
      throw new ProtocolError(`a PROXY header longer than ${VERSION_1_LIMIT_BYTES} bytes`);
    }
    return undefined;
  }

  #stepVersion2(): ProxiedConnection | undefined {
    this.#expectSignature(VERSION_2_SIGNATURE);
    if (this.#filled < VERSION_2_HEADER_BYTES) return undefined;
    this.#wholeBytes ??= VERSION_2_HEADER_BYTES + version2BodyBytes(this.#kept.subarray(0, VERSION_2_HEADER_BYTES));
    return this.#filled < this.#wholeBytes ? undefined : parseVersion2(this.#kept.subarray(0, this.#wholeBytes));
  }

  /** One byte at a time, so a stranger that sends none is refused with its first wrong byte. */
  #expectSignature(signature: Uint8Array): void {
    const at = this.#filled - 1;
    if (at < signature.length && this.#kept[at] !== signature[at]) {
      throw new ProtocolError("the connection does not begin with a PROXY header");
    }
  }
}

/** Bytes in one row. */
export const HEX_ROW_BYTES = 16;

/** A row of a hexadecimal view. */
export interface HexRow {
  /** Of the first byte, in 8 hexadecimal digits: `000001f0`. */
  readonly offset: string;
  /** Two digits a byte, one space between bytes and two in the middle. Shorter in the last row. */
  readonly hex: string;
  /** Visible ASCII as it is, a dot for everything else. */
  readonly ascii: string;
}

/** The hexadecimal view of bytes, which are not copied; rows are made on demand. */
export class HexRows {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get count(): number {
    return Math.ceil(this.#bytes.length / HEX_ROW_BYTES);
  }

  /** The row at `index`, which is from 0 to `count` - 1. */
  row(index: number): HexRow {
    const start = index * HEX_ROW_BYTES;
    const bytes = [...this.#bytes.subarray(start, start + HEX_ROW_BYTES)];
    const pairs = bytes.map((byte) => byte.toString(16).padStart(2, "0"));
    const halves = [pairs.slice(0, HEX_ROW_BYTES / 2), pairs.slice(HEX_ROW_BYTES / 2)].filter(
      (half) => half.length > 0,
    );
    return {
      offset: start.toString(16).padStart(8, "0"),
      hex: halves.map((half) => half.join(" ")).join("  "),
      ascii: bytes.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join(""),
    };
  }
}

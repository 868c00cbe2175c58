/** The text of the field `Error` in a reply (protocol.md section 5): a message, an empty line, a line with the code. */
import type { PublicError } from "../../base/errors.ts";

/** The peer refused a call. `code` is a published error code, undefined when the peer gave none. */
export class RemoteError extends Error {
  override readonly name = "RemoteError";
  readonly code: string | undefined;

  constructor(message: string, code: string | undefined) {
    super(message);
    this.code = code;
  }
}

/** The form that every known agent splits into message and code: Rust wants the code at the start of its line. */
export function encodeErrorText({ message, code }: PublicError | RemoteError): string {
  return code === undefined ? message : `${message}\n\n${code}\n`;
}

/** Published codes, and those that an edge of ours adds. */
const CODE = /ERR_(?:NGROK_\d+|GINNEL_[A-Z_]+)/;

/** Takes the first code anywhere and leaves out every line that holds one, as Go agents do. */
export function parseErrorText(errorText: string): RemoteError {
  const lines = errorText.split(/\r?\n/);
  const message = lines
    .filter((line) => !CODE.test(line))
    .join("\n")
    .trim();
  return new RemoteError(message === "" ? errorText.trim() : message, CODE.exec(errorText)?.[0]);
}

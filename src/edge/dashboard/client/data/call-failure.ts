/** A call that the edge refused, in its own words (reference.md 8.2). */
export class CallFailure extends Error {
  override readonly name = "CallFailure";
  /** 0 when the edge was not reached. */
  readonly status: number;
  /** Of the catalogue; empty where the answer had none. */
  readonly code: string;
  readonly hint: string;
  /** The field of the body whose value was refused; empty when it is not that. */
  readonly field: string;

  constructor(facts: Pick<CallFailure, "status" | "code" | "message" | "hint" | "field">, options?: ErrorOptions) {
    super(facts.message, options);
    this.status = facts.status;
    this.code = facts.code;
    this.hint = facts.hint;
    this.field = facts.field;
  }
}

/** From the body of a failed call, which may be anything when something between here and the edge answered. */
export function failureOf(status: number, body: unknown): CallFailure {
  const message = textIn(body, "msg") || `The edge answered with status ${status}.`;
  const details: unknown = typeof body === "object" && body !== null && "details" in body ? body.details : undefined;
  const code = textIn(body, "error_code");
  return new CallFailure({ status, code, message, hint: textIn(details, "hint"), field: textIn(details, "field") });
}

/** In one line, with the remedy and the code, for people. */
export function failureText(failure: unknown): string {
  if (!(failure instanceof CallFailure)) return failure instanceof Error ? failure.message : String(failure);
  const { message, hint, code } = failure;
  return [message, hint, code === "" ? "" : `(${code})`].filter((part) => part !== "").join(" ");
}

function textIn(value: unknown, name: string): string {
  if (typeof value !== "object" || value === null) return "";
  const found: unknown = Object.entries(value).find(([key]) => key === name)?.[1];
  return typeof found === "string" ? found : "";
}

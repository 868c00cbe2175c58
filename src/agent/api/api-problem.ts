/** How a call of the agent API fails (reference.md 3.7, clients.md K-127): numbers in `error_code`, always a text in `details.err`. */
import { z } from "zod";

/** 102 to 104 are published; the others are ours. */
const PROBLEMS = {
  notFound: { status: 404, code: 100, msg: "Not Found" },
  invalidRequest: { status: 400, code: 101, msg: "invalid request" },
  invalidTunnel: { status: 400, code: 102, msg: "invalid tunnel configuration" },
  startFailed: { status: 502, code: 103, msg: "failed to start tunnel" },
  notReady: { status: 503, code: 104, msg: "ngrok is not yet ready to start tunnels" },
  forbidden: { status: 403, code: 105, msg: "forbidden" },
  wrongMethod: { status: 405, code: 106, msg: "method not allowed" },
  tooLarge: { status: 413, code: 107, msg: "request body too large" },
  wrongType: { status: 415, code: 108, msg: "unsupported media type" },
  tooMany: { status: 429, code: 110, msg: "too many listeners" },
  fault: { status: 500, code: 109, msg: "internal error" },
} as const;

export type ProblemKind = keyof typeof PROBLEMS;

/** Wrappers try again when they read exactly this (clients.md K-126). */
export const NO_SESSION_YET = "a successful ngrok tunnel session has not yet been established";
/** The same, for a session that was lost. */
export const SESSION_NOT_READY = "tunnel session not ready yet";

/** Thrown wherever a call cannot be served; the message is `details.err`. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  readonly kind: ProblemKind;
  /** Further header fields of the answer. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(kind: ProblemKind, err: string, headers: Readonly<Record<string, string>> = {}) {
    super(err);
    this.kind = kind;
    this.headers = headers;
  }

  get status(): number {
    return PROBLEMS[this.kind].status;
  }
}

export const problemSchema = z.object({
  error_code: z.int(),
  status_code: z.int(),
  msg: z.string(),
  details: z.object({ err: z.string(), path: z.string().optional() }),
});

/** `path` is that of the call, as it was written; it is told when nothing is there. */
export function problemBody({ kind, message: err }: ApiProblem, path: string): z.infer<typeof problemSchema> {
  const { status, code, msg } = PROBLEMS[kind];
  const details = kind === "notFound" ? { path, err } : { err };
  return { error_code: code, status_code: status, msg, details };
}

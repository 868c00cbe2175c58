import { z } from "zod";
import { PublicError } from "../../base/errors.ts";
import { jsonAnswer } from "../../http-api/json-answer.ts";
import { ConflictError, StoreError } from "../../store/store-error.ts";
import { faultFacts } from "../../telemetry/fault-facts.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { ResourceNotFound } from "./resource-not-found.ts";

/** How a call fails (reference.md 8.2, clients.md K-163). */
export const failureSchema = z.object({
  error_code: z.string().optional(),
  status_code: z.int(),
  msg: z.string(),
  details: z.record(z.string(), z.string()),
});

/** Further header fields that go with an error. */
export class CallRefused extends Error {
  override readonly name = "CallRefused";
  readonly error: PublicError;
  readonly headers: Readonly<Record<string, string>>;

  constructor(error: PublicError, headers: Readonly<Record<string, string>>) {
    super(error.message);
    this.error = error;
    this.headers = headers;
  }
}

/** The answer to a call that failed. What is nobody's business goes to the log only. */
export function failureAnswer(failure: unknown, operationId: string, log: Logger): Response {
  if (failure instanceof CallRefused) return answerOf(failure.error, operationId, failure.headers);
  const isMissing = failure instanceof ConflictError && failure.reason === "missing";
  if (failure instanceof ResourceNotFound || isMissing) {
    const body: z.infer<typeof failureSchema> = {
      status_code: 404,
      msg: "Resource not found",
      details: details(operationId),
    };
    return jsonAnswer(body, 404);
  }
  if (failure instanceof ConflictError) {
    return answerOf(new PublicError("ERR_GINNEL_CONFLICT", { reason: failure.message }), operationId);
  }
  if (failure instanceof PublicError) return answerOf(failure, operationId);
  const isStoreFailure = failure instanceof StoreError;
  // What a database refuses is a statement of ours; everything else is for the operator to mend.
  if (isStoreFailure && failure.failure !== "refused") {
    log.warn("the records cannot be used", { obj: "api", operation: operationId, err: failure.message });
  } else {
    log.error("fault in a call of the management API", { obj: "api", operation: operationId, ...faultFacts(failure) });
  }
  if (!isStoreFailure) return answerOf(new PublicError("ERR_GINNEL_FAULT", {}), operationId);
  const code = failure.failure === "unsure" ? "ERR_GINNEL_STORE_UNSURE" : "ERR_GINNEL_STORE";
  return answerOf(new PublicError(code, {}), operationId);
}

function answerOf(error: PublicError, operationId: string, headers: Readonly<Record<string, string>> = {}): Response {
  const { code, status, message, hint } = error;
  const body: z.infer<typeof failureSchema> = {
    error_code: code,
    status_code: status,
    msg: message,
    details: {
      ...details(operationId),
      hint,
      ...refusedField(error),
    },
  };
  return jsonAnswer(body, status, headers);
}

/** Which field of the body it is about, for forms that show the error there. */
function refusedField({ code, facts }: PublicError): Readonly<Record<string, string>> {
  if (code !== "ERR_NGROK_214" && code !== "ERR_NGROK_215") return {};
  return "name" in facts ? { field: String(facts.name) } : {};
}

function details(operationId: string): Readonly<Record<string, string>> {
  return { operation_id: operationId };
}

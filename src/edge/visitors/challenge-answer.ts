import type { OwnAnswer } from "./own-answer.ts";

/** What an authority gets that validates a name by HTTP (RFC 8555 section 8.3). */
export function challengeAnswer(keyAuthorization: string): OwnAnswer {
  return {
    status: 200,
    reason: "OK",
    fields: [
      ["Content-Type", "application/octet-stream"],
      ["Cache-Control", "no-store"],
    ],
    body: new TextEncoder().encode(keyAuthorization),
  };
}

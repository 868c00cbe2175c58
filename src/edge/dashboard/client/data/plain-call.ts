import { CallFailure, failureOf } from "./call-failure.ts";

/** Everything of the dashboard is below it. */
export const ROOT = "/dashboard";

export type Method = "GET" | "POST" | "PATCH" | "DELETE";

export interface PlainCallOptions {
  readonly body?: object | undefined;
  /** Who has to be signed in: pages of one browser share its session, and one of them may have changed it. Anybody, unless told. */
  readonly accountId?: string | undefined;
}

/** One request to the dashboard's own part of the edge. @throws CallFailure */
export async function plainCall(
  method: Method,
  path: string,
  { body, accountId }: PlainCallOptions = {},
): Promise<unknown> {
  const answer = await fetch(`${ROOT}${path}`, {
    method,
    cache: "no-store",
    credentials: "same-origin",
    headers: {
      "Ngrok-Version": "2",
      // No other site's page can send it without being asked first.
      "Ginnel-Dashboard": "1",
      ...(accountId === undefined ? {} : { "Ginnel-Account": accountId }),
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((cause: unknown) => {
    const message = "The edge cannot be reached.";
    throw new CallFailure(
      { status: 0, code: "", message, hint: "Is it running, and are you online?", field: "" },
      { cause },
    );
  });
  const said: unknown = await answer.json().catch(() => undefined);
  if (answer.ok) return said;
  throw failureOf(answer.status, said);
}

/** Who sent the call is not signed in, or no longer, or somebody else is now; the edge has done nothing of it. */
export function isRefusal(failure: unknown): boolean {
  return failure instanceof CallFailure && failure.status === 401;
}

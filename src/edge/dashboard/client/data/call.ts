import { CallFailure, failureOf } from "./call-failure.ts";
import { Subject } from "../../../../web-ui/client/subject.ts";

/** Everything of the dashboard is below it. */
export const ROOT = "/dashboard";

export type Method = "GET" | "POST" | "PATCH" | "DELETE";

/** How often a call was answered that nobody is signed in (any more). */
export const refusals = new Subject(0);

/** Asks the dashboard's own part of the edge: `/session`, `/traffic`, `/audit`. @throws CallFailure */
export async function callDashboard(method: Method, path: string, body?: object): Promise<unknown> {
  const answer = await fetch(`${ROOT}${path}`, {
    method,
    cache: "no-store",
    credentials: "same-origin",
    headers: {
      "Ngrok-Version": "2",
      // No other site's page can send it without being asked first.
      "Ginnel-Dashboard": "1",
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
  if (answer.status === 401) refusals.set(refusals.value + 1);
  throw failureOf(answer.status, said);
}

/** Asks the management API (reference.md 8), as who is signed in. @throws CallFailure */
export async function callApi(method: Method, path: string, body?: object): Promise<unknown> {
  return await callDashboard(method, `/api${path}`, body);
}

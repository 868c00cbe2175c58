import { CallFailure } from "./call-failure.ts";
import { isRefusal, type Method, plainCall } from "./plain-call.ts";
import { mayRepeat, maySend, session } from "./session.ts";

/**
 * Asks the dashboard's own part of the edge: `/session`, `/traffic`, `/audit`. When the session has ended while something on the page is
 * unfinished, the call waits until its person is signed in again, and is sent then: changes ask for that, reading waits unseen.
 * @throws CallFailure
 */
export async function callDashboard(method: Method, path: string, body?: object): Promise<unknown> {
  const kind = method === "GET" ? "reading" : "change";
  if (!(await maySend(kind))) throw unsent();
  for (;;) {
    const before = session.value;
    try {
      return await plainCall(method, path, { body, accountId: before.state === "in" ? before.account.id : undefined });
    } catch (failure) {
      if (!isRefusal(failure)) throw failure;
      if (!(await mayRepeat(before, kind))) throw unsent();
    }
  }
}

/** Asks the management API (reference.md 8), as who is signed in. @throws CallFailure */
export async function callApi(method: Method, path: string, body?: object): Promise<unknown> {
  return await callDashboard(method, `/api${path}`, body);
}

function unsent(): CallFailure {
  const message = "It was not sent, since your session has ended.";
  return new CallFailure({ status: 401, code: "", message, hint: "Send it again to sign in.", field: "" });
}

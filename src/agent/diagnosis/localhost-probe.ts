import { lookup } from "node:dns/promises";
import { withDeadline, type DeadlineOptions } from "./deadline.ts";
import { ok, reasonOf, type Step } from "./step.ts";

/** Whether the system knows `localhost`, as the programs do that tunnels lead to. The agent itself needs no one to tell it. */
export async function probeLocalhost(options: DeadlineOptions): Promise<Step> {
  const name = "Name Resolution";
  const remedy = "Let the hosts file map localhost to 127.0.0.1 and ::1.";
  const code = "ERR_NGROK_8000";
  try {
    const found = await withDeadline(lookup("localhost", { all: true }), "lookup localhost", options);
    const addresses = [...new Set(found.map(({ address }) => address))];
    const foreign = addresses.filter((address) => !/^(?:127\.|::1$)/.test(address));
    const detail = addresses.join(", ");
    return foreign.length === 0 ? ok(name, detail) : { name, verdict: "warn", detail, remedy, code };
  } catch (error) {
    return { name, verdict: "warn", detail: `localhost: ${reasonOf(error)}`, remedy, code };
  }
}

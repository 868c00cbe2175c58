import { type ReplayOrder, replay } from "../data/agent-api.ts";
import { traffic } from "../data/agent.ts";
import { router } from "../shell/inspector.ts";
import { tell, tellFailure } from "../../../../web-ui/client/notice.ts";

/** The agent tells of the new exchange about when it answers the call; later than this it has been forgotten again. */
const SHOW_WITHIN_MS = 5_000;

/** Sends a captured request again as it was, and shows the new exchange. Failures are told on the page. */
export async function replayOnce(id: string): Promise<void> {
  try {
    await replayAndShow({ id });
    tell("Replayed");
  } catch (error) {
    tellFailure(error);
  }
}

/** Replays by this order and shows the first new exchange. Throws what the agent answers. */
export async function replayAndShow(order: ReplayOrder): Promise<void> {
  const found = Promise.withResolvers<string>();
  const stop = traffic.watch(({ id, replay_of: original }, isNew) => {
    const isReplay = isNew && original === order.id;
    if (isReplay) found.resolve(id);
    return isReplay;
  });
  const timeout = setTimeout(() => found.resolve(""), SHOW_WITHIN_MS);
  try {
    await replay(order);
    const id = await found.promise;
    if (id !== "") router.go({ page: "traffic", id });
  } finally {
    stop();
    clearTimeout(timeout);
  }
}

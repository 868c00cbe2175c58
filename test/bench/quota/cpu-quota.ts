/** Processes that may use a share of a processor each and no more, as if each had a slow one of its own. */
import { ControlGroup, controllerOf } from "./control-group.ts";
import { quotaFiles } from "./quota-files.ts";

/**
 * Holds each of the processes to `share` of a processor until it is disposed of.
 * @throws Error where the kernel offers no control groups for that, or this process may not make them
 */
export async function limitCpu(pids: readonly number[], share: number): Promise<AsyncDisposable> {
  const controller = controllerOf("cpu");
  const files = quotaFiles(controller, share);
  await using undo = new AsyncDisposableStack();
  for (const pid of pids) undo.use(await ControlGroup.create({ controller, name: `ginnel-bench-${pid}`, files, pid }));
  const kept = undo.move();
  return { [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

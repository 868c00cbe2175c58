/** What an edge may tell an agent to do, and what comes of it (protocol.md section 7). */
import { PublicError } from "../base/errors.ts";
import { type Answer, answer, hear } from "../net/rpc-answer.ts";
import { RESTART, STOP, STOP_TUNNEL, type StopTunnelRequest, UPDATE } from "../protocol/rpc/edge-commands.ts";

export interface RemoteCommandHandler {
  readonly allowsRemoteManagement: boolean;
  /** The whole agent is to end. */
  onStop(): void;
  /** One endpoint was taken away. It is the edge's own, so this needs no permission. */
  onStopTunnel(request: StopTunnelRequest): void;
}

export function remoteCommands(handler: RemoteCommandHandler): readonly Answer[] {
  const refuse = (command: string) => (): Promise<never> =>
    Promise.reject(new PublicError("ERR_GINNEL_REMOTE_COMMAND", { command }));
  return [
    answer(STOP, async () => {
      if (!handler.allowsRemoteManagement) return await refuse("stop")();
      handler.onStop();
      return {};
    }),
    answer(RESTART, refuse("restart")),
    answer(UPDATE, refuse("update")),
    hear(STOP_TUNNEL, (request) => handler.onStopTunnel(request)),
  ];
}

/**
 * What Linux hands down from a socket that listens to those that it accepts, so that it is asked for once and not, in five system calls,
 * for each visitor.
 */
import { setSocketOption } from "./socket-option.ts";
import { limitUnsent } from "./unsent-limit.ts";

const SOL_SOCKET = 1;
const SO_KEEPALIVE = 9;
const IPPROTO_TCP = 6;
const TCP_KEEPIDLE = 4;
const TCP_KEEPINTVL = 5;
const TCP_KEEPCNT = 6;

/** As Bun asks for it: every second, and after the tenth question without an answer the peer is gone. */
const QUESTION_SECONDS = 1;
const QUESTIONS = 10;

/**
 * The limit of {@link limitUnsent}, and questions to peers that say nothing for `keepAliveMs`, where there is such a time. False: what is
 * accepted does not have all of it.
 */
export function handDown(listener: object, keepAliveMs: number | undefined): boolean {
  if (process.platform !== "linux" || !limitUnsent(listener)) return false;
  return keepAliveMs === undefined || askSilentPeers(listener, Math.ceil(keepAliveMs / 1_000));
}

function askSilentPeers(listener: object, afterSeconds: number): boolean {
  return (
    setSocketOption(listener, IPPROTO_TCP, TCP_KEEPIDLE, afterSeconds) &&
    setSocketOption(listener, IPPROTO_TCP, TCP_KEEPINTVL, QUESTION_SECONDS) &&
    setSocketOption(listener, IPPROTO_TCP, TCP_KEEPCNT, QUESTIONS) &&
    setSocketOption(listener, SOL_SOCKET, SO_KEEPALIVE, 1)
  );
}

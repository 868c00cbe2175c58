/** The published codes of RST and GOAWAY frames (protocol.md section 2). Codes of ours are in `reset-codes.ts`. */
export const MUX_ERRORS = {
  none: 0,
  protocol: 1,
  internal: 2,
  flowControl: 3,
  streamClosed: 4,
  streamRefused: 5,
  streamCancelled: 6,
  streamReset: 7,
  frameSize: 8,
  acceptQueueFull: 9,
  enhanceYourCalm: 10,
  remoteGoneAway: 11,
  streamsExhausted: 12,
  writeTimeout: 13,
  sessionClosed: 14,
  peerEof: 15,
} as const;

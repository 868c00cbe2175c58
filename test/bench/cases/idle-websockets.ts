import { type Case, soleQuestion } from "../case.ts";
import { idleWebSocketBytes } from "../loads/idle-websockets.ts";
import { openFilesLimit } from "../open-files.ts";
import { urlOf } from "../scheme.ts";
import { pidsOf } from "../system-pids.ts";
import { WEBSOCKET_PATH } from "../upstreams.ts";

const NAME = "idle-websocket";
/** The upstream's nginx has two descriptors for each. */
const DESCRIPTORS_EACH = 2;
const OTHER_DESCRIPTORS = 500;

export const idleWebSockets: Case = {
  ...soleQuestion({ name: NAME, title: "memory per idle WebSocket, both processes", unit: "kB", better: "less" }),
  needsFreshProcesses: true,
  appliesTo: ({ system }) => pidsOf(system).length > 0,
  async measure({ system, extent: { websockets } }) {
    const possible = Math.floor((openFilesLimit() - OTHER_DESCRIPTORS) / DESCRIPTORS_EACH);
    const url = urlOf(system, "http").replace("http", "ws") + WEBSOCKET_PATH;
    return {
      values: { [NAME]: (await idleWebSocketBytes(url, Math.min(websockets, possible), pidsOf(system))) / 1000 },
    };
  },
};

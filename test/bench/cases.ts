/** Everything that is measured. A further case is a file in cases/ and a line here. */
import type { Case, ProgramCase } from "./case.ts";
import { BULK_CASES } from "./cases/bulk.ts";
import { CONNECTION_CASES } from "./cases/connections.ts";
import { HTTP2_CASES } from "./cases/http2.ts";
import { idleAgents } from "./cases/idle-agents.ts";
import { IDLE_VISITOR_CASES } from "./cases/idle-visitors.ts";
import { idleWebSockets } from "./cases/idle-websockets.ts";
import { LARGE_ANSWER_CASES } from "./cases/large-answers.ts";
import { MEMORY_CASES } from "./cases/memory.ts";
import { noisyNeighbour } from "./cases/noisy-neighbour.ts";
import { OPEN_LOOP_CASES } from "./cases/open-loop.ts";
import { PUSH_DELAY_CASES } from "./cases/push-delay.ts";
import { RECOVERY_CASES } from "./cases/recovery.ts";
import { REQUEST_CASES } from "./cases/requests.ts";
import { size } from "./cases/size.ts";
import { slowReaders } from "./cases/slow-readers.ts";
import { soak } from "./cases/soak.ts";
import { startUp } from "./cases/start-up.ts";
import { WORKER_CASES } from "./cases/workers.ts";

export const CASES: readonly Case[] = [
  ...REQUEST_CASES,
  ...CONNECTION_CASES,
  ...HTTP2_CASES,
  ...LARGE_ANSWER_CASES,
  ...BULK_CASES,
  ...OPEN_LOOP_CASES,
  ...PUSH_DELAY_CASES,
  noisyNeighbour,
  slowReaders,
  ...IDLE_VISITOR_CASES,
  idleWebSockets,
  idleAgents,
  ...MEMORY_CASES,
  ...RECOVERY_CASES,
  ...WORKER_CASES,
  soak,
];

export const PROGRAM_CASES: readonly ProgramCase[] = [startUp, size];

/** What is measured when nobody says otherwise: a minute or two that tell most. */
export const SHORT_CASES: readonly string[] = ["https-50", "bulk-down-1", "open-loop-2000", "start-up"];

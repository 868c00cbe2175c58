/** Started by far-line.ts: LINE_PORT TARGET_PORT. Runs until it is killed. */
import { Line } from "../support/line.ts";
import { FAR } from "./far-line.ts";

const [linePort, targetPort] = process.argv.slice(2).map(Number);
if (linePort === undefined || targetPort === undefined) throw new Error("far-line-process.ts LINE_PORT TARGET_PORT");
const line = new Line({ host: "127.0.0.1", port: targetPort }, FAR, linePort);
process.once("SIGTERM", () => line[Symbol.dispose]());

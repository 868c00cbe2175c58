/** Loaded in front of a program: kills the process once the one that started it is gone. Nothing else tells of that in every case. */
import process from "node:process";

const LOOK_EVERY_MS = 1_000;

const parent = process.ppid;

setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, "SIGKILL");
}, LOOK_EVERY_MS).unref();

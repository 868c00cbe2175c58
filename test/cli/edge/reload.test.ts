import { expect, test } from "bun:test";
import { reloadAtHangup } from "../../../src/cli/edge/reload.ts";
import { recordingLog } from "../../support/recording-log.ts";
import { eventually } from "../../support/turns.ts";

test("reloadAtHangup reloads every part, and a part that fails keeps no other back", async () => {
  const { log, lines } = recordingLog();
  const done: string[] = [];
  const parts = [
    { what: "first", reload: () => Promise.reject(new Error("damaged")) },
    { what: "second", reload: async () => void done.push("second") },
  ];
  using _reloading = reloadAtHangup(parts, log);
  process.emit("SIGHUP");
  await eventually("it has ended", () => lines.length === 2);
  expect(done).toEqual(["second"]);
  expect(lines).toMatchObject([
    { level: "warn", message: "could not be reloaded, the old one stays", fields: { what: "first" } },
    { level: "info", message: "edge reloaded", fields: { failed: "first" } },
  ]);
});

test("reloadAtHangup begins a reload when the one before has ended", async () => {
  const { log, lines } = recordingLog();
  const turns: string[] = [];
  const first = Promise.withResolvers<void>();
  const reload = async (): Promise<void> => {
    turns.push("begins");
    if (turns.length === 1) await first.promise;
    turns.push("ends");
  };
  using _reloading = reloadAtHangup([{ what: "x", reload }], log);
  process.emit("SIGHUP");
  process.emit("SIGHUP");
  await eventually("the first has begun", () => turns.length === 1);
  first.resolve();
  await eventually("both have ended", () => lines.length === 2);
  expect(turns).toEqual(["begins", "ends", "begins", "ends"]);
});

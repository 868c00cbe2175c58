/** Measures within one layout, at the place of the visitor: `measure-layout.ts PLAN`. Writes the measurements as JSON. */
import { writeFile } from "node:fs/promises";
import { log } from "../../scripts/lib/run-script.ts";
import { CASES, PROGRAM_CASES } from "./cases.ts";
import { beExactAndMortal } from "./kernel/libc.ts";
import { Measuring } from "./measuring.ts";
import type { Plan } from "./plan.ts";
import { SYSTEMS } from "./systems.ts";
import { startUpstreams } from "./upstreams.ts";

beExactAndMortal();
const plan = JSON.parse(process.argv[2] ?? "") as Plan; // by bench.ts
const { layout, places, line, rounds, extent } = plan;
await using running = await startUpstreams(places.upstream, plan.folder);
const measuring = new Measuring({
  layout,
  rounds,
  upstreams: running.upstreams,
  circumstances: { places, extent, ...(line === undefined ? {} : { line }) },
  onProgress: (text) => log.info(`${layout}: ${text}`),
  onFailure: (text) => log.warn(`${layout}: ${text}`),
});
const isWanted = ({ name }: { readonly name: string }): boolean => plan.cases.includes(name);
await measuring.measureSystems(
  CASES.filter(isWanted),
  SYSTEMS.filter(({ name }) => plan.systems.includes(name)),
);
if (plan.systems.includes("ginnel")) {
  await measuring.measureProgram(PROGRAM_CASES.filter(isWanted), running.upstreams.httpPort);
}
await writeFile(plan.results, JSON.stringify(measuring.measured));

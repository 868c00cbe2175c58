/** What one layout's process is told to measure, as JSON on its command line (measure-layout.ts). */
import type { Extent } from "./case.ts";
import type { LineHandle } from "./layouts/build-layout.ts";
import type { Places } from "./place.ts";

export interface Plan {
  readonly layout: string;
  readonly places: Places;
  readonly line?: LineHandle;
  /** Names. */
  readonly cases: readonly string[];
  readonly systems: readonly string[];
  readonly rounds: number;
  readonly extent: Extent;
  /** For files of what runs; empty, and removed afterwards. */
  readonly folder: string;
  /** A file for the measurements. */
  readonly results: string;
}

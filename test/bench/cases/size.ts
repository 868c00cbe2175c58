import { stat } from "node:fs/promises";
import { type ProgramCase, soleQuestion } from "../case.ts";
import { GINNEL } from "../systems/ginnel.ts";

const NAME = "size";

export const size: ProgramCase = {
  ...soleQuestion({ name: NAME, title: "size of the executable", unit: "MB", better: "less" }),
  isAboutProgram: true,
  happensOnce: true,
  measure: async () => ({ values: { [NAME]: (await stat(GINNEL)).size / 1e6 } }),
};

/** The lines of a log in JSON about what must not happen while everybody but a visitor does as agreed. */
export function faultLines(log: readonly string[]): readonly string[] {
  return log.filter((line) => /"lvl":"(?:eror|crit)"/.test(line));
}

/** What it threw: nothing, or one fault. For work of which every part is to be done, whichever fails. */
export function faultOf(work: () => void): readonly unknown[] {
  try {
    work();
    return [];
  } catch (fault) {
    return [fault];
  }
}

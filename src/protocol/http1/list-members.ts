import { SP, TAB } from "./octets.ts";

/**
 * Members of a comma-separated list (RFC 9110 section 5.6.1) that may be spread over several field lines; empty members
 * are dropped. For lists of tokens: it does not know quoted strings.
 */
export function listMembers(values: readonly string[]): readonly string[] {
  const members: string[] = [];
  for (const value of values) {
    for (const part of value.split(",")) {
      const member = trimOws(part);
      if (member !== "") members.push(member);
    }
  }
  return members;
}

/**
 * Only SP and TAB are white space here; `String.trim` would also take away NBSP and others that HTTP gives a meaning. Not a
 * regular expression: one for the end of the text tries every run of white space anew, which a stranger can make a megabyte.
 */
function trimOws(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isOws(text.charCodeAt(start))) start++;
  while (end > start && isOws(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isOws(code: number): boolean {
  return code === SP || code === TAB;
}

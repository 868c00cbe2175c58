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

/** Only SP and TAB are white space here; `String.trim` would also take away NBSP and others that HTTP gives a meaning. */
function trimOws(text: string): string {
  return text.replaceAll(/^[ \t]+|[ \t]+$/g, "");
}

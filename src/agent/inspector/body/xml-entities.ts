/** Who declares more than that is not read further: references to the rest then count as undeclared. */
const ENTITY_LIMIT = 1000;
/** A general entity (XML 1.0 section 4.2); parameter entities (`<!ENTITY % ...`) do not match. Bounded, so linear. */
const DECLARATION = /<!ENTITY\s{1,16}([^\s%&;"'<>]{1,200})\s/g;

/** Names of the general entities that a document type declares. Their values do not matter, as nothing is expanded. */
export function declaredEntities(doctype: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [, name] of doctype.matchAll(DECLARATION)) {
    if (name !== undefined) names.add(name);
    if (names.size >= ENTITY_LIMIT) break;
  }
  return names;
}

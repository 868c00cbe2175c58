/** The words of the simple commands that documentation shows: quotes, `$PWD`, comments, redirections; no more of a shell. */

/** The arguments of a line up to a redirection, a pipe, `&` or a comment; `$PWD` and the like become a folder. */
export function shellWords(line: string): readonly string[] {
  const words: string[] = [];
  for (const [word] of line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)) {
    if (/^(?:[<>|&;#]|&&|\d>)/.test(word)) break;
    words.push(word.replaceAll(/\$\w+/g, "/folder").replaceAll(/'([^']*)'|"([^"]*)"/g, "$1$2"));
  }
  return words;
}

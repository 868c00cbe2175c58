export interface PemBlock {
  /** The words between BEGIN and the dashes: `CERTIFICATE`, `EC PRIVATE KEY`, … */
  readonly label: string;
  /** The whole block with its first and last line. */
  readonly text: string;
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]{1,64})-----\r?\n[\s\S]*?-----END \1-----/g;

/** The blocks of a PEM text in their order (RFC 7468); whatever stands between them is passed over. */
export function pemBlocks(text: string): PemBlock[] {
  return Array.from(text.matchAll(BLOCK), ([block, label = ""]) => ({ label, text: `${block}\n` }));
}

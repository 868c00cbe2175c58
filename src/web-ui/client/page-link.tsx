import type { Child } from "hono/jsx/dom";

export interface PageLinkProps {
  readonly href: string;
  /** Shows the page without leaving this one. */
  readonly onGo: () => void;
  readonly class?: string;
  readonly isCurrent?: boolean;
  readonly children?: Child;
}

/** A link within these pages; with a key held down the browser opens it as any other. */
export function PageLink({ href, onGo, class: className, isCurrent = false, children }: PageLinkProps) {
  return (
    <a
      class={className}
      href={href}
      aria-current={isCurrent ? "page" : undefined}
      onClick={(event: MouseEvent) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        onGo();
      }}
    >
      {children}
    </a>
  );
}

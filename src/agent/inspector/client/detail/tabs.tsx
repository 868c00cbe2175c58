import { type Child, useEffect } from "hono/jsx/dom";

export interface Tab {
  readonly name: string;
  readonly title: string;
}

export interface TabsProps {
  readonly tabs: readonly Tab[];
  readonly chosen: string;
  readonly onChoose: (name: string) => void;
  readonly children?: Child;
}

/** Tabs of an exchange with the panel of the chosen one; the arrow keys walk along them. */
export function Tabs({ tabs, chosen, onChoose, children }: TabsProps) {
  const walk = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const now = tabs.findIndex(({ name }) => name === chosen);
    const next = tabs[(now + step + tabs.length) % tabs.length];
    if (next === undefined) return;
    onChoose(next.name);
    document.getElementById(`tab-${next.name}`)?.focus();
  };
  // On a small screen there is no room for all of them.
  useEffect(() => {
    // In a block: browsers have begun to answer a promise, which is no way to end an effect.
    document.getElementById(`tab-${chosen}`)?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  return (
    <>
      <div class="tabs" role="tablist" aria-label="Parts of the exchange" onKeyDown={walk}>
        {tabs.map(({ name, title }) => (
          <button
            key={name}
            type="button"
            id={`tab-${name}`}
            class="tab"
            role="tab"
            aria-selected={name === chosen ? "true" : "false"}
            aria-controls="tab-panel"
            tabindex={name === chosen ? 0 : -1}
            onClick={() => onChoose(name)}
          >
            {title}
          </button>
        ))}
      </div>
      <div
        id="tab-panel"
        class={`tab-panel tab-${chosen}`}
        role="tabpanel"
        aria-labelledby={`tab-${chosen}`}
        tabindex={0}
      >
        {children}
      </div>
    </>
  );
}

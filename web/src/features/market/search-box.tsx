// Search over the whole market as one types: capabilities, listings and stores, by pointer or by arrow keys.
import { useNavigate } from "@tanstack/react-router";
import { useId, useRef, useState, type KeyboardEvent } from "react";
import { FormattedMessage, useIntl } from "react-intl";
import { useQuery } from "urql";
import { useDelayed } from "@/lib/delayed";
import { useApiLanguage } from "@/lib/say";
import { Icon } from "@/ui/icons";
import { VisuallyHidden } from "@/ui/visually-hidden";
import { MarketSearch } from "./map.generated";
import { hitsOf, type Hit } from "./hits";
import styles from "./search-box.module.css";

const TYPING_PAUSE_MS = 120;

export function SearchBox({ first = "" }: { first?: string }) {
  const intl = useIntl();
  const navigate = useNavigate();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(first);
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const { hits, isSettled } = useHits(typed);
  const isShown = isOpen && typed.trim() !== "";
  const go = (hit: Hit | undefined) => {
    setOpen(false);
    if (hit === undefined) void navigate({ to: "/capabilities", search: { q: typed.trim() } });
    else void navigate({ to: hit.to, params: { slug: hit.slug } });
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Escape") setOpen(false);
    else if (event.key === "ArrowDown") move(event, Math.min(active + 1, hits.length - 1));
    else if (event.key === "ArrowUp") move(event, Math.max(active - 1, -1));
  };
  const move = (event: KeyboardEvent, to: number) => {
    event.preventDefault();
    setOpen(true);
    setActive(to);
  };
  return (
    <form
      role="search"
      className={styles.search}
      onSubmit={(event) => {
        event.preventDefault();
        if (typed.trim() !== "") go(isShown ? hits[active] : undefined);
      }}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false);
      }}
    >
      <div className={styles.box}>
        <Icon name="search" />
        <input
          ref={input}
          className={styles.input}
          type="search"
          role="combobox"
          autoComplete="off"
          enterKeyHint="search"
          aria-label={intl.formatMessage({ id: "store.search.label" })}
          placeholder={intl.formatMessage({ id: "store.search.placeholder" })}
          aria-expanded={isShown}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={isShown && active >= 0 ? `${id}-${active}` : undefined}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setActive(-1);
            setOpen(true);
          }}
          onFocus={() => setOpen(true)}
          onKeyDown={onKey}
        />
        <button type="submit" className={styles.submit}>
          <FormattedMessage id="store.search.submit" />
        </button>
      </div>
      <div className={styles.list} id={`${id}-list`} role="listbox" aria-label={intl.formatMessage({ id: "store.search.hits" })} hidden={!isShown}>
        {hits.map((hit, index) => (
          <div
            key={`${hit.to} ${hit.slug}`}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === active}
            className={styles.hit}
            onPointerDown={(event) => event.preventDefault()}
            onPointerMove={() => setActive(index)}
            onClick={() => go(hit)}
          >
            <bdi className={styles.name}>{hit.name}</bdi>
            <span className={styles.sort}>
              <FormattedMessage id={hit.sort} />
              {hit.note !== "" && <bdi> · {hit.note}</bdi>}
            </span>
          </div>
        ))}
        {hits.length === 0 && (
          <div role="option" aria-selected={false} aria-disabled className={styles.none}>
            <FormattedMessage id={isSettled ? "store.search.none" : "ui.loading"} />
          </div>
        )}
      </div>
      <VisuallyHidden>
        <span role="status">{isShown && isSettled && <FormattedMessage id="store.search.count" values={{ count: hits.length }} />}</span>
      </VisuallyHidden>
    </form>
  );
}

function useHits(typed: string): { hits: Hit[]; isSettled: boolean } {
  const query = useDelayed(typed.trim(), TYPING_PAUSE_MS);
  const language = useApiLanguage();
  const [{ data, fetching }] = useQuery({ query: MarketSearch, variables: { query, language }, pause: query === "" });
  const isSettled = !fetching && query === typed.trim();
  return { hits: data === undefined || query === "" ? [] : hitsOf(data), isSettled };
}
